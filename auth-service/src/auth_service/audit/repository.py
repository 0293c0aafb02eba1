"""Writes and reads the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from auth_service.database.tables import audit_events


@dataclass(frozen=True, slots=True)
class AuditEvent:
    id: UUID
    happened_at: datetime
    event: str
    account_id: UUID | None
    actor_id: UUID | None
    client_id: str | None
    address: str | None
    request_id: str | None
    details: dict[str, Any]


async def record(
    tx: AsyncConnection,
    event: str,
    *,
    account_id: UUID | None = None,
    actor_id: UUID | None = None,
    client_id: str | None = None,
    **details: str | int | list[str] | None,
) -> None:
    """In the transaction of what it tells of, so that neither is without the other.

    `account_id` is whom it concerns, `actor_id` who did it if that is somebody else. The address and the request id are
    those of the request being served. Details never hold a secret, nor what identifies a person.
    """
    request = structlog.contextvars.get_contextvars()
    await tx.execute(
        insert(audit_events).values(
            id=uuid7(),
            happened_at=datetime.now(UTC),
            event=event,
            account_id=account_id,
            actor_id=actor_id,
            client_id=client_id,
            address=request.get("client"),
            request_id=request.get("request_id"),
            details={name: value for name, value in details.items() if value is not None},
        )
    )


async def listed(
    tx: AsyncConnection,
    *,
    before: UUID | None,
    limit: int,
    event: str | None = None,
    account_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> Sequence[AuditEvent]:
    """Newest first."""
    query = select(audit_events).order_by(audit_events.c.id.desc()).limit(limit)
    if before:
        query = query.where(audit_events.c.id < before)
    if event:
        query = query.where(audit_events.c.event == event)
    if account_id:
        query = query.where(audit_events.c.account_id == account_id)
    if actor_id:
        query = query.where(audit_events.c.actor_id == actor_id)
    return [AuditEvent(**row) for row in (await tx.execute(query)).mappings()]
