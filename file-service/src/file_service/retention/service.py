"""Removes what has been in the trash for long enough, and versions beyond those that are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from file_service.files import version_repository as versions
from file_service.files.freeing import Freeing
from file_service.files.removal import Removal
from file_service.retention import repository
from file_service.usage.service import Quotas
from strongroom.database import Database
from strongroom.database.exclusive import exclusively

log = structlog.get_logger()

_FILES_AT_ONCE = 500
_VERSIONS_AT_ONCE = 1000
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Kept:
    """How long and how much, where None is for ever and all. `versions` counts the current one too."""

    trash: timedelta | None
    versions: int | None
    old_versions: timedelta | None


class Retention:
    """Works in portions, each in a transaction that locks one owner, so that nobody waits for long."""

    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        removal: Removal,
        freeing: Freeing,
        kept: Kept,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._removal = removal
        self._freeing = freeing
        self._kept = kept
        self._clock = clock

    async def turn(self) -> None:
        """All that is due. Does nothing while another replica is at it."""
        async with exclusively(self._database, "files retention") as alone:
            if alone:
                await self._empty_trash()
                await self._thin_versions()

    async def _empty_trash(self) -> None:
        if self._kept.trash is None:
            return
        before = self._clock() - self._kept.trash
        while True:
            async with self._database.reading() as connection:
                owner = await repository.owner_of_old_trash(connection, before)
            if owner is None:
                return
            async with self._database.begin() as tx:
                await self._quotas.lock_within(tx, owner)
                # Looked for under the lock: a file that was recovered a moment ago is no trash.
                doomed = await repository.old_trash(tx, owner, before, _FILES_AT_ONCE)
                if doomed:
                    await self._removal.remove_within(tx, owner, doomed)

    async def _thin_versions(self) -> None:
        keep, age = self._kept.versions, self._kept.old_versions
        if keep is None and age is None:
            return
        before = None if age is None else self._clock() - age
        after = _FIRST
        while True:
            async with self._database.reading() as connection:
                found = await repository.with_old_versions(connection, keep, before, after=after, limit=_FILES_AT_ONCE)
            if not found:
                return
            for owner, file_id in found:
                while await self._thin(owner, file_id, before):
                    pass
            after = found[-1][1]

    async def _thin(self, owner: UUID, file_id: UUID, before: datetime | None) -> bool:
        """Whether there was something to remove."""
        async with self._database.begin() as tx:
            await self._quotas.lock_within(tx, owner)
            numbers = await repository.old_versions(tx, file_id, self._kept.versions, before, _VERSIONS_AT_ONCE)
            if not numbers:
                return False
            removed = await versions.remove(tx, file_id, numbers)
            await self._quotas.release_within(tx, owner, bytes_=removed.bytes, files=0)
            await self._freeing.free_within(tx, removed.object_keys)
        log.info("versions.removed", file_id=str(file_id), versions=len(numbers), bytes=removed.bytes)
        return True
