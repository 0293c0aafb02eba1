"""What administrators see and say, on the wire."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from auth_service.accounts.repository import Account
from auth_service.accounts.schemas import Name, User
from auth_service.audit.repository import AuditEvent
from auth_service.roles.schemas import RoleName


class ManagedUser(User):
    disabled_at: datetime | None

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(**User.of(account).model_dump(), disabled_at=account.disabled_at)


class UserChange(BaseModel):
    """What is left out stays as it is."""

    name: Name | None = None
    disabled: bool | None = None


class RoleNames(BaseModel):
    roles: list[RoleName] = Field(max_length=50)


class AuditEventOut(BaseModel):
    id: UUID
    time: datetime
    event: str
    account_id: UUID | None = Field(description="Whom it concerns")
    actor_id: UUID | None = Field(description="Who did it, where that is somebody else")
    client_id: str | None
    address: str | None
    request_id: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, event: AuditEvent) -> Self:
        return cls(
            id=event.id,
            time=event.happened_at,
            event=event.event,
            account_id=event.account_id,
            actor_id=event.actor_id,
            client_id=event.client_id,
            address=event.address,
            request_id=event.request_id,
            details=event.details,
        )
