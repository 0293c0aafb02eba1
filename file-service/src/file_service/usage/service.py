"""Keeps count of what owners store, and refuses what exceeds their quota."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog

from file_service.events import repository as events
from file_service.usage import repository
from file_service.usage.errors import QuotaExceeded
from file_service.usage.repository import Kept
from file_service.usage.turns import Turns
from strongroom.database import Database, Transaction

log = structlog.get_logger()

QUOTA_UPDATED = "quota.updated"


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes of all versions, the trash included, and how many files those belong to."""

    bytes: int
    count: int
    quota: int

    @property
    def left(self) -> int:
        """Never below zero, also where the quota was lowered: then there is still room for empty files."""
        return max(0, self.quota - self.bytes)


class Quotas:
    """`default` holds for whoever has no quota of their own. In bytes."""

    def __init__(self, database: Database, *, default: int) -> None:
        self._database = database
        self._default = default
        self._turns = Turns()

    async def usage(self, owner: UUID) -> Usage:
        async with self._database.reading() as connection:
            return self._shown(await repository.find(connection, owner))

    async def require_room(self, owner: UUID, size: int) -> Usage:
        """So that no bytes are moved in vain; what decides is `charge_within`. Raises QuotaExceeded."""
        usage = await self.usage(owner)
        if size > usage.left:
            raise QuotaExceeded(usage.left)
        return usage

    @asynccontextmanager
    async def changing(self, owner: UUID) -> AsyncIterator[tuple[Transaction, Usage]]:
        """A transaction that changes the owner's tree: such are one after the other. Raises OwnerBusy, OwnerGone.

        Few wait for an owner at once, and none for long, so that nobody else waits for a connection.
        """
        async with self._turns.of(owner), self._database.begin() as tx:
            yield tx, await self.lock_within(tx, owner)

    @asynccontextmanager
    async def purging(self, owner: UUID) -> AsyncIterator[Transaction]:
        """As `changing`, of an owner who is gone: nobody else changes anything of theirs any more. Raises OwnerBusy."""
        async with self._turns.of(owner), self._database.begin() as tx:
            await repository.lock_for_purge(tx, owner)
            yield tx

    async def gone_with_files(self) -> Sequence[UUID]:
        """Owners of whom something was kept although they are gone."""
        async with self._database.reading() as connection:
            return await repository.gone_with_files(connection)

    async def lock_within(self, tx: Transaction, owner: UUID) -> Usage:
        """As `changing`, in a transaction that has begun: to be its first statement. Raises OwnerBusy, OwnerGone."""
        return self._shown(await repository.lock(tx, owner))

    async def charge_within(self, tx: Transaction, owner: UUID, usage: Usage, *, bytes_: int, files: int = 0) -> None:
        """`usage` is what `lock_within` gave. Raises QuotaExceeded, so that the transaction rolls back."""
        if bytes_ > usage.left:
            raise QuotaExceeded(usage.left)
        await repository.add(tx, owner, bytes_=bytes_, files=files)

    async def release_within(self, tx: Transaction, owner: UUID, *, bytes_: int, files: int) -> None:
        """What is gone no longer counts. The owner is to be locked."""
        await repository.add(tx, owner, bytes_=-bytes_, files=-files)

    async def set_quota(self, owner: UUID, quota: int | None, actor: UUID) -> Usage:
        """None brings the default back. One below what is kept takes nothing away; there is only no room for more."""
        async with self.changing(owner) as (tx, _):
            await repository.set_quota(tx, owner, quota)
            usage = self._shown(await repository.find(tx, owner))
            await events.append(tx, owner, QUOTA_UPDATED, asdict(usage))
        log.info("quota.set", owner=str(owner), quota=quota, actor=str(actor))
        return usage

    def _shown(self, kept: Kept) -> Usage:
        return Usage(kept.bytes, kept.count, self._default if kept.quota is None else kept.quota)
