"""Mends what a release did not write that knew nothing of it: usage, and what files are found by."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from file_service.files import repository as files
from file_service.integrity import recount_repository as repository
from file_service.integrity import rounds
from file_service.usage import repository as usage
from file_service.usage.service import Quotas
from strongroom.database import Database
from strongroom.database.exclusive import exclusively

log = structlog.get_logger()

CHORE = "recount"

_FILES_AT_ONCE = 500
_OWNERS_AT_ONCE = 100
_FIRST = UUID(int=0)


class Recount:
    """Goes through all owners `every` so often, and goes on where the last turn was cut off.

    Whose usage is right is not locked. If an owner's turn fails, also because they are busy, there is the next round.
    """

    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        *,
        every: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._every = every
        self._clock = clock

    async def turn(self) -> None:
        """To the end of a round, if one is due and no other replica is at it."""
        async with exclusively(self._database, f"files {CHORE}") as alone:
            if not alone:
                return
            async with self._database.reading() as connection:
                reached = await rounds.find(connection, CHORE)
            if reached.position or reached.finished_at is None or self._clock() - reached.finished_at >= self._every:
                await self._go_on(UUID(reached.position) if reached.position else _FIRST)

    async def _go_on(self, position: UUID) -> None:
        for count in itertools.count(1):
            async with self._database.reading() as connection:
                owner = await repository.next_owner(connection, position)
            if owner is None:
                break
            await self._mend(owner)
            position = owner
            if count % _OWNERS_AT_ONCE == 0:
                async with self._database.begin() as tx:
                    await rounds.reach(tx, CHORE, str(position), self._clock())
        async with self._database.begin() as tx:
            await rounds.finish(tx, CHORE, self._clock())

    async def _mend(self, owner: UUID) -> None:
        try:
            while await self._name_some(owner):
                pass
            await self._count(owner)
        except Exception as error:  # the owner has another turn, and the others are to have theirs
            log.warning("recount.failed", owner=str(owner), exc_info=error)

    async def _name_some(self, owner: UUID) -> bool:
        """Whether there was one to name."""
        async with self._database.reading() as connection:
            if not await repository.unnamed(connection, owner, limit=1):
                return False
        async with self._quotas.changing(owner) as (tx, _):
            for file in await repository.unnamed(tx, owner, limit=_FILES_AT_ONCE):
                await files.set_found_by(tx, file)
        return True

    async def _count(self, owner: UUID) -> None:
        async with self._database.reading() as connection:
            charged, there = await repository.tallies(connection, owner)
        if charged == there:
            return
        async with self._quotas.changing(owner) as (tx, _):
            # Once more, since it may have changed before the lock was had.
            charged, there = await repository.tallies(tx, owner)
            await usage.set_kept(tx, owner, bytes_=there.bytes, files=there.files)
        log.warning("usage.recounted", owner=str(owner), charged=charged.bytes, bytes=there.bytes, files=there.files)
