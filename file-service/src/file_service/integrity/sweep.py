"""Compares what the store has with what rows point at: deletes orphaned objects, and reports missing ones."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from file_service.integrity import repository, rounds
from file_service.integrity.metrics import IntegrityMetrics
from file_service.storage.object_store import ObjectMissing, ObjectStore, StoredObject, StoreUnavailable
from strongroom.database import Database, Transaction
from strongroom.database.backup_hold import backup_is_under_way
from strongroom.database.exclusive import exclusively

log = structlog.get_logger()

CHORE = "sweep"

# Of these objects, those that something points at. Whoever keeps objects that are no versions of files has one.
Referred = Callable[[Transaction, Sequence[str]], Awaitable[set[str]]]

_PAGE = 1000  # as many as S3 lists, and deletes, in one request
_TIMED = 7  # the version of UUIDs that begin with the time


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the order of keys: every object in it, and every object that versions point at. None is the end."""

    objects: Sequence[StoredObject]
    known: Sequence[str]
    end: str | None


class Sweep:
    """Goes through everything `every` so often, and goes on where the last turn was cut off.

    Rows are made after bytes, so an object is an orphan only when it is older than `grace`. One that is so old gets no
    row any more: none is made of an object that has waited for half of that time (`NewObjects.recorded`), and a version
    that is restored shares its object with a row that is there.
    """

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        metrics: IntegrityMetrics,
        *,
        grace: timedelta,
        every: timedelta,
        referred: Sequence[Referred] = (repository.referred,),
        page: int = _PAGE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._store = store
        self._metrics = metrics
        self._grace = grace
        self._every = every
        self._referred = referred
        self._page = page
        self._clock = clock

    async def turn(self) -> None:
        """To the end of a round, if one is due and no other replica is at it. Raises StoreUnavailable."""
        async with exclusively(self._database, f"files {CHORE}") as alone:
            if not alone:
                return
            async with self._database.reading() as connection:
                reached = await rounds.find(connection, CHORE)
            if self._is_due(reached):
                await self._go_on(reached.position)

    def _is_due(self, reached: rounds.Round) -> bool:
        if reached.position or reached.finished_at is None:
            return True
        return self._clock() - reached.finished_at >= self._every

    async def _go_on(self, position: str) -> None:
        while (window := await self._window(position)).end is not None:
            await self._compare(window)
            position = window.end
            async with self._database.begin() as tx:
                await rounds.reach(tx, CHORE, position, self._clock())
        await self._compare(window)
        async with self._database.begin() as tx:
            await rounds.finish(tx, CHORE, self._clock())

    async def _window(self, position: str) -> Window:
        # Objects first: one whose row is made in between is then known, and looks like nothing.
        objects = await self._store.page(position, self._page)
        async with self._database.reading() as connection:
            known = await repository.known_keys(connection, position, self._page)
        ends = [keys[-1] for keys in ([one.key for one in objects], known) if len(keys) == self._page]
        if not ends:
            return Window(objects, known, None)
        # Behind the nearer end, one of the two pages says nothing of the other.
        end = min(ends)
        return Window([one for one in objects if one.key <= end], [key for key in known if key <= end], end)

    async def _compare(self, window: Window) -> None:
        known = set(window.known)
        oldest = self._clock() - self._grace
        await self._delete([one for one in window.objects if one.key not in known and _came_at(one) < oldest])
        there = {one.key for one in window.objects}
        for key in window.known:
            if key not in there and await self._is_missing(key):
                await self._report(key)

    async def _delete(self, candidates: Sequence[StoredObject]) -> None:
        # Asked again right before, since a row may have been made after the window was read. None is made from here on,
        # or the object were younger.
        kept = await self._pointed_at([one.key for one in candidates]) if candidates else set()
        orphans = [one for one in candidates if one.key not in kept]
        if not orphans:
            return
        self._metrics.orphans_found.inc(len(orphans))
        async with self._database.reading() as connection:
            if await repository.is_empty(connection):
                # Somebody else's bucket, or a lost database: either way not a store full of orphans.
                log.error("sweep.refused", orphans=len(orphans), reason="no file has a version")
                return
            if await backup_is_under_way(connection):
                log.info("sweep.put_off", orphans=len(orphans))  # to the next round (ADR 0023)
                return
        await self._store.delete([one.key for one in orphans])
        self._metrics.orphans_deleted.inc(len(orphans))
        for one in orphans:
            log.info("orphan.deleted", object_key=one.key, size=one.size, stored_at=one.stored_at.isoformat())

    async def _pointed_at(self, keys: Sequence[str]) -> set[str]:
        found: set[str] = set()
        async with self._database.reading() as connection:
            for referred in self._referred:
                found |= await referred(connection, keys)
        return found

    async def _is_missing(self, key: str) -> bool:
        """Whether the store says so when it is asked for it: the list may be older than the row."""
        try:
            async with self._store.get(key):
                return False
        except ObjectMissing:
            return True
        except StoreUnavailable:
            return False  # it is not known

    async def _report(self, key: str) -> None:
        async with self._database.begin() as tx:
            for version in await repository.lock_of(tx, key):
                if version.missing_at is None:
                    await repository.set_missing(tx, version, self._clock())
                    log.error("version.missing", file_id=str(version.file_id), version=version.number, object_key=key)


def _came_at(one: StoredObject) -> datetime:
    """The later of what the store says and what the key says, since one of the two clocks may be slow."""
    try:
        identity = UUID(one.key.rpartition("/")[2])
        if identity.version != _TIMED:
            return one.stored_at
        made_at = datetime.fromtimestamp((identity.int >> 80) / 1000, UTC)  # RFC 9562 §5.7
    except ValueError:
        return one.stored_at
    return max(one.stored_at, made_at)
