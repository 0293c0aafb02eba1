"""SQL on webhooks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import owners, webhooks


@dataclass(frozen=True, slots=True)
class Webhook:
    """No `types` are all of them; secrets are sealed; `dispatched` is the last event that was looked at.

    `failures` are attempts in a row, since `failing_since`. Nothing is sent before `resting_until`.
    """

    id: UUID
    owner_id: UUID
    url: str
    types: Sequence[str]
    prefix: str
    description: str
    secret: bytes
    dispatched: int
    created_at: datetime
    previous_secret: bytes | None = None
    previous_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    resting_until: datetime | None = None
    due_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None


async def add(tx: AsyncConnection, webhook: Webhook) -> None:
    values = {column.name: getattr(webhook, column.name) for column in webhooks.c}
    await tx.execute(insert(webhooks).values(values))


async def count(tx: AsyncConnection, owner_id: UUID) -> int:
    query = select(func.count()).where(webhooks.c.owner_id == owner_id)
    return int((await tx.execute(query)).scalar_one())


async def listed(tx: AsyncConnection, owner_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Webhook]:
    """Newest first."""
    query = select(webhooks).where(webhooks.c.owner_id == owner_id)
    if before is not None:
        query = query.where(webhooks.c.id < before)
    rows = await tx.execute(query.order_by(webhooks.c.id.desc()).limit(limit))
    return [Webhook(**row) for row in rows.mappings()]


async def find(tx: AsyncConnection, webhook_id: UUID) -> Webhook | None:
    return await _one(tx, select(webhooks).where(webhooks.c.id == webhook_id))


async def find_of(tx: AsyncConnection, owner_id: UUID, webhook_id: UUID) -> Webhook | None:
    return await _one(tx, select(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.owner_id == owner_id))


async def lock(tx: AsyncConnection, webhook_id: UUID) -> Webhook | None:
    """Until the transaction ends nobody else changes it or its deliveries. An owner is locked before, never after."""
    return await _one(tx, select(webhooks).where(webhooks.c.id == webhook_id).with_for_update())


async def change(tx: AsyncConnection, webhook_id: UUID, **values: Any) -> None:
    await tx.execute(update(webhooks).where(webhooks.c.id == webhook_id).values(values))


async def remove(tx: AsyncConnection, owner_id: UUID, webhook_id: UUID) -> bool:
    """With its deliveries."""
    statement = delete(webhooks).where(webhooks.c.id == webhook_id, webhooks.c.owner_id == owner_id)
    return (await tx.execute(statement.returning(webhooks.c.id))).first() is not None


async def behind(tx: AsyncConnection, owner_ids: Collection[UUID] | None) -> Sequence[tuple[UUID, UUID]]:
    """The webhooks, each with its owner, that have not been shown all events; of these owners, or of all."""
    query = select(webhooks.c.id, webhooks.c.owner_id).join(owners, owners.c.owner_id == webhooks.c.owner_id)
    query = query.where(webhooks.c.disabled_at.is_(None), webhooks.c.dispatched < owners.c.last_event)
    if owner_ids is not None:
        query = query.where(among(webhooks.c.owner_id, owner_ids))
    return [(row.id, row.owner_id) for row in await tx.execute(query)]


async def due(tx: AsyncConnection, now: datetime, owner_id: UUID | None = None) -> Sequence[UUID]:
    """Those with something to be done now, who waits longest first; of this owner's, only those that are enabled."""
    query = select(webhooks.c.id).where(webhooks.c.due_at <= now).order_by(webhooks.c.due_at)
    if owner_id is not None:
        query = query.where(webhooks.c.owner_id == owner_id, webhooks.c.disabled_at.is_(None))
    return (await tx.execute(query)).scalars().all()


# Until the transaction ends nobody else gives places of this owner away.
_LINE_UP = text("select pg_advisory_xact_lock(hashtextextended('webhooks ' || cast(:owner as text), 0))")
_TAKEN = text("""
select (
    select count(*) from files.webhooks
    join files.webhook_deliveries on webhook_id = webhooks.id and webhook_deliveries.state = 'sending'
    where owner_id = :owner
) + (
    select count(*) from files.webhooks
    where owner_id = :owner and id != :webhook and due_at < :since and disabled_at is null
)
""").bindparams(bindparam("owner", type_=Uuid), bindparam("webhook", type_=Uuid))


async def places_taken(tx: AsyncConnection, webhook: Webhook, since: datetime) -> int:
    """How many of its owner's messages are on their way, and webhooks of theirs have waited for longer than `since`."""
    await tx.execute(_LINE_UP, {"owner": str(webhook.owner_id)})
    values = {"owner": webhook.owner_id, "webhook": webhook.id, "since": since}
    return int((await tx.execute(_TAKEN, values)).scalar_one())


async def _one(tx: AsyncConnection, query: Select[Any]) -> Webhook | None:
    row = (await tx.execute(query)).mappings().one_or_none()
    return Webhook(**row) if row else None
