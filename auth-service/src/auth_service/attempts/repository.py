"""SQL on counted attempts."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import attempts

# Long ago, and not just now: another replica's clock may be a little behind, and so may who waited for the lock.
NOT_BLOCKED = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    failures: int
    last_at: datetime
    blocked_until: datetime


async def lock(tx: AsyncConnection, bucket: bytes, now: datetime) -> Counted:
    """Until the transaction ends nobody else counts in this bucket: of guesses at once, each sees the others."""
    # One statement that changes nothing where the row is there: between two, a success could remove the row.
    statement = upsert(attempts).values(bucket=bucket, failures=0, last_at=now, blocked_until=NOT_BLOCKED)
    statement = statement.on_conflict_do_update(index_elements=["bucket"], set_={"bucket": bucket})
    columns = (attempts.c.failures, attempts.c.last_at, attempts.c.blocked_until)
    row = (await tx.execute(statement.returning(*columns))).one()
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
