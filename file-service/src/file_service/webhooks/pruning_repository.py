"""SQL that forgets deliveries: what ended long ago, and what is too much of one webhook's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import webhook_deliveries as deliveries


async def prune(tx: AsyncConnection, ended_before: datetime, limit: int) -> int:
    """How many are gone; at most `limit`."""
    old = select(deliveries.c.id).where(deliveries.c.ended_at < ended_before).limit(limit)
    return (await tx.execute(delete(deliveries).where(deliveries.c.id.in_(old)))).rowcount


# What disabling ended is left out, for its owner to resume.
_PRUNABLE = """
    from files.webhook_deliveries as old join files.webhooks on webhooks.id = old.webhook_id
    where old.ended_at is not null and (old.reason, old.ended_at) is distinct from (:reason, disabled_at)
"""
_FULL = text(f"select old.webhook_id {_PRUNABLE} group by old.webhook_id having count(*) > :kept")
_TRIM = text(f"""
delete from files.webhook_deliveries where id in (
    select old.id {_PRUNABLE} and old.webhook_id = :webhook order by old.id desc offset :kept limit :limit
)
""")  # noqa: S608


async def full(tx: AsyncConnection, reason: str, kept: int) -> Sequence[UUID]:
    """The webhooks with more that ended than are to be `kept`, not counting what disabling them ended for `reason`."""
    return (await tx.execute(_FULL, {"reason": reason, "kept": kept})).scalars().all()


async def trim(tx: AsyncConnection, webhook_id: UUID, reason: str, kept: int, limit: int) -> int:
    """Forgets what is too much of that, at most so many. How many those were."""
    values = {"webhook": webhook_id, "reason": reason, "kept": kept, "limit": limit}
    return (await tx.execute(_TRIM, values)).rowcount
