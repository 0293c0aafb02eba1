"""SQL on counted attempts, in the table `attempts` of a service's schema."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import column, delete, table, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

# Long ago, and not just now: another replica's clock may be a little behind, and so may who waited for the lock.
NOT_BLOCKED = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Counted:
    failures: int
    last_at: datetime
    blocked_until: datetime


class CountedAttempts:
    def __init__(self, schema: str) -> None:
        columns = ("bucket", "failures", "last_at", "blocked_until")
        self._table = table("attempts", *(column(name) for name in columns), schema=schema)

    async def lock(self, tx: AsyncConnection, bucket: bytes, now: datetime) -> Counted:
        """Until the transaction ends nobody else counts in this bucket: of guesses at once, each sees the others."""
        # One statement that changes nothing where the row is there: between two, a success could remove the row.
        statement = upsert(self._table).values(bucket=bucket, failures=0, last_at=now, blocked_until=NOT_BLOCKED)
        statement = statement.on_conflict_do_update(index_elements=["bucket"], set_={"bucket": bucket})
        found = self._table.c
        returned = statement.returning(found.failures, found.last_at, found.blocked_until)
        row = (await tx.execute(returned)).one()
        return Counted(row.failures, row.last_at, row.blocked_until)

    async def store(self, tx: AsyncConnection, bucket: bytes, counted: Counted) -> None:
        await tx.execute(
            update(self._table)
            .where(self._table.c.bucket == bucket)
            .values(failures=counted.failures, last_at=counted.last_at, blocked_until=counted.blocked_until)
        )

    async def forget(self, tx: AsyncConnection, bucket: bytes) -> None:
        await tx.execute(delete(self._table).where(self._table.c.bucket == bucket))

    async def prune(self, tx: AsyncConnection, before: datetime) -> None:
        await tx.execute(delete(self._table).where(self._table.c.last_at < before))
