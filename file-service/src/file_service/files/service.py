"""What an owner can do with files, apart from moving their bytes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from file_service.derivations.service import Derivations
from file_service.files import listing, repository
from file_service.files.derivable import derivable
from file_service.files.errors import FileNotFound
from file_service.files.listing import Found, Position, Search
from file_service.files.paths import sibling
from file_service.files.quotes import Quote, quotes
from file_service.files.removal import Removal
from file_service.files.repository import File
from file_service.files.telling import RESTORED, TRASHED, UPDATED, tell, tell_moved
from file_service.usage.service import Quotas
from strongroom.database import Database

log = structlog.get_logger()

_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Change:
    """None leaves it as it is. `filename` renames inside the folder."""

    path: str | None = None
    filename: str | None = None
    tags: Sequence[str] | None = None
    metadata: dict[str, Any] | None = None


class Files:
    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        removal: Removal,
        derivations: Derivations,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._removal = removal
        self._derivations = derivations
        self._clock = clock

    async def get(self, account: UUID, file_id: UUID) -> File:
        """One of the account's own, or one that was shared with it. Raises FileNotFound."""
        async with self._database.reading() as connection:
            return _there(await repository.visible(connection, account, file_id))

    async def listed(self, owner: UUID, search: Search, *, after: Position | None, limit: int) -> Sequence[Found]:
        async with self._database.reading() as connection:
            return await listing.found(connection, owner, search, after=after, limit=limit)

    async def quoted(self, owner: UUID, found: Sequence[Found], text: str) -> Mapping[str, Quote]:
        """What stands in those of the files, by their objects, that have words of the text inside."""
        if not (text and found):
            return {}
        async with self._database.reading() as connection:
            return await quotes(connection, owner, text, [one.file.content.object_key for one in found])

    async def change(self, owner: UUID, file_id: UUID, wanted: Change) -> File:
        """Renames, moves, tags. Raises FileNotFound, PathTaken, InvalidPath."""
        now = self._clock()
        async with self._quotas.changing(owner) as (tx, _):
            file = before = _there(await repository.owned(tx, owner, file_id))
            path = wanted.path if wanted.filename is None else sibling(file.path, wanted.filename)
            if path is not None and path != file.path:
                file = await repository.set_path(tx, file, path, now)
                # By its new name it may be a table.
                await self._derivations.ask_within(tx, [derivable(file)])
            if wanted.tags is not None:
                file = await repository.set_tags(tx, file, wanted.tags, now)
            if wanted.metadata is not None:
                file = await repository.set_metadata(tx, file, wanted.metadata, now)
            if file.path != before.path:
                await tell_moved(tx, owner, [file_id], before.path, file.path)
            elif file != before:
                await tell(tx, owner, UPDATED, [file_id])
        log.info("file.changed", file_id=str(file_id))
        return file

    async def trash(self, owner: UUID, file_id: UUID) -> None:
        """Raises FileNotFound, also for what is in the trash already."""
        async with self._quotas.changing(owner) as (tx, _):
            file = _there(await repository.owned(tx, owner, file_id))
            await repository.set_trashed(tx, file, self._clock())
            await tell(tx, owner, TRASHED, [file_id])
        log.info("file.trashed", file_id=str(file_id))

    async def recover(self, owner: UUID, file_id: UUID, path: str | None = None) -> File:
        """Out of the trash, to where it was or to `path`. Raises FileNotFound, also if it is not there; PathTaken."""
        async with self._quotas.changing(owner) as (tx, _):
            file = _there(await repository.owned(tx, owner, file_id, trashed=True))
            if path is not None and path != file.path:
                file = await repository.set_path(tx, file, path, self._clock())
            file = await repository.set_trashed(tx, file, None)
            await tell(tx, owner, RESTORED, [file_id])
        log.info("file.recovered", file_id=str(file_id))
        return file

    async def remove(self, owner: UUID, file_id: UUID) -> None:
        """For good, with all versions; also out of the trash. Raises FileNotFound."""
        async with self._quotas.changing(owner) as (tx, _):
            file = _there(await repository.owned(tx, owner, file_id, trashed=None))
            await self._removal.remove_within(tx, owner, [file.id])

    async def empty_trash(self, owner: UUID) -> int:
        """How many files are gone. However many there are, each portion is gone whole or not at all."""
        count = 0
        while removed := await self._empty_some(owner):
            count += removed
        return count

    async def _empty_some(self, owner: UUID) -> int:
        async with self._quotas.changing(owner) as (tx, _):
            doomed = await listing.trashed(tx, owner, limit=_AT_ONCE)
            if doomed:
                await self._removal.remove_within(tx, owner, doomed)
        return len(doomed)


def _there(file: File | None) -> File:
    if file is None:
        raise FileNotFound
    return file
