"""Sessions on the wire."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from auth_service.sessions.repository import ListedSession


class SessionOut(BaseModel):
    id: UUID = Field(description="The `sid` of its tokens")
    client_id: str = Field(description="`strongroom`, `strongroom-console`, `strongroom-cli`, or a registered client")
    scope: str
    address: str | None = Field(description="Where it was opened from")
    user_agent: str | None
    current: bool = Field(description="Whether it is the one that this request came in")
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: ListedSession, *, current: str | None) -> Self:
        return cls(
            id=session.id,
            client_id=session.client_id,
            scope=session.scope,
            address=session.address,
            user_agent=session.user_agent,
            current=str(session.id) == current,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
        )
