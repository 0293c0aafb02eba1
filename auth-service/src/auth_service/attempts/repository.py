"""SQL on counted attempts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, bindparam, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import attempts

_ENSURE = text(
    """
    insert into auth.attempts (bucket, failures, last_at, blocked_until) values (:bucket, 0, :now, :now)
    on conflict do nothing
    """
).bindparams(bindparam("now", type_=DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class Counted:
    failures: int
    last_at: datetime
    blocked_until: datetime


async def lock(tx: AsyncConnection, bucket: bytes, now: datetime) -> Counted:
    """Until the transaction ends nobody else counts in this bucket: of guesses at once, each sees the others."""
    await tx.execute(_ENSURE, {"bucket": bucket, "now": now})
    query = select(attempts.c.failures, attempts.c.last_at, attempts.c.blocked_until)
    row = (await tx.execute(query.where(attempts.c.bucket == bucket).with_for_update())).one()
    return Counted(row.failures, row.last_at, row.blocked_until)


async def store(tx: AsyncConnection, bucket: bytes, counted: Counted) -> None:
    await tx.execute(
        update(attempts)
        .where(attempts.c.bucket == bucket)
        .values(failures=counted.failures, last_at=counted.last_at, blocked_until=counted.blocked_until)
    )


async def forget(tx: AsyncConnection, bucket: bytes) -> None:
    await tx.execute(delete(attempts).where(attempts.c.bucket == bucket))


async def prune(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(delete(attempts).where(attempts.c.last_at < before))
