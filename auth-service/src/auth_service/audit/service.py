"""Shows the audit trail."""

from collections.abc import Sequence
from uuid import UUID

from auth_service.audit import repository
from auth_service.audit.repository import AuditEvent
from strongroom.database import Database


class AuditTrail:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(
        self, *, before: UUID | None, limit: int, event: str | None, account_id: UUID | None, actor_id: UUID | None
    ) -> Sequence[AuditEvent]:
        """Newest first; None matches all."""
        async with self._database.reading() as connection:
            return await repository.listed(
                connection, before=before, limit=limit, event=event, account_id=account_id, actor_id=actor_id
            )
