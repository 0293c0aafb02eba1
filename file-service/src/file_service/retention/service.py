"""Removes what has been in the trash for long enough, and versions beyond those that are kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    """Works in portions, each in a transaction that locks one owner, so that nobody waits for long.

    If an owner's turn fails, the others have theirs all the same.
    """

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
                failed: set[UUID] = set()
                await self._empty_trash(failed)
                await self._thin_versions(failed)

    async def _empty_trash(self, failed: set[UUID]) -> None:
        if self._kept.trash is None:
            return
        before = self._clock() - self._kept.trash
        after = _FIRST
        while (owner := await self._next_with_trash(before, after)) is not None:
            with _apart(owner, failed):
                while await self._empty_some(owner, before):
                    pass
            after = owner

    async def _next_with_trash(self, before: datetime, after: UUID) -> UUID | None:
        async with self._database.reading() as connection:
            return await repository.owner_of_old_trash(connection, before, after=after)

    async def _empty_some(self, owner: UUID, before: datetime) -> bool:
        """Whether there was something to remove."""
        async with self._quotas.changing(owner) as (tx, _):
            # Looked for under the lock: a file that was recovered a moment ago is no trash.
            doomed = await repository.old_trash(tx, owner, before, _FILES_AT_ONCE)
            if doomed:
                await self._removal.remove_within(tx, owner, doomed)
        return bool(doomed)

    async def _thin_versions(self, failed: set[UUID]) -> None:
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
            await self._thin_each(found, before, failed)
            after = found[-1][1]

    async def _thin_each(self, found: Sequence[tuple[UUID, UUID]], before: datetime | None, failed: set[UUID]) -> None:
        for owner, file_id in found:
            if owner in failed:
                continue
            with _apart(owner, failed):
                while await self._thin(owner, file_id, before):
                    pass

    async def _thin(self, owner: UUID, file_id: UUID, before: datetime | None) -> bool:
        """Whether there was something to remove."""
        async with self._quotas.changing(owner) as (tx, _):
            numbers = await repository.old_versions(tx, file_id, self._kept.versions, before, _VERSIONS_AT_ONCE)
            if not numbers:
                return False
            removed = await versions.remove(tx, file_id, numbers)
            await self._quotas.release_within(tx, owner, bytes_=removed.bytes, files=0)
            await self._freeing.free_within(tx, removed.object_keys)
        log.info("versions.removed", file_id=str(file_id), versions=len(numbers), bytes=removed.bytes)
        return True


@contextmanager
def _apart(owner: UUID, failed: set[UUID]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the same owner would be first again next time, and nobody else ever had a turn
        log.warning("retention.failed", owner=str(owner), exc_info=error)
        failed.add(owner)
