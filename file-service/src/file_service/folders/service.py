"""Lists folders, moves and removes them: each in one transaction, all of it or nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import structlog

from file_service.files.removal import Removal
from file_service.files.telling import TRASHED, tell, tell_moved
from file_service.folders import repository
from file_service.folders.errors import FolderNotFound, IntoItself
from file_service.usage.service import Quotas
from strongroom.database import Database

log = structlog.get_logger()


class Folders:
    """What a change answers is how many files it concerned. Each raises FolderNotFound."""

    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        removal: Removal,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._removal = removal
        self._clock = clock

    async def children(self, owner: UUID, folder: str, *, after: str, limit: int) -> Sequence[str]:
        """The names of the folders in a folder, behind the one named `after`. What is in the trash makes none."""
        async with self._database.reading() as connection:
            return await repository.children(connection, owner, folder, after=after, limit=limit)

    async def move(self, owner: UUID, source: str, destination: str) -> int:
        """Also into a folder that is there, if no path is in the way. Raises PathTaken, InvalidPath, IntoItself."""
        if f"{destination}/".startswith(f"{source}/"):
            raise IntoItself
        async with self._quotas.changing(owner) as (tx, _):
            now = self._clock()
            await repository.require_room(tx, owner, source, destination)
            # By way of a place where nothing can be: else `a/b/b/x` would meet `a/b/x` while both move up to `a`.
            await repository.move(tx, owner, source, between := str(uuid4()), now)
            moved = await repository.move(tx, owner, between, destination, now)
            await tell_moved(tx, owner, moved, source, destination)
        return _counted("folder.moved", owner, len(moved))

    async def trash(self, owner: UUID, folder: str) -> int:
        async with self._quotas.changing(owner) as (tx, _):
            trashed = await repository.trash(tx, owner, folder, self._clock())
            await tell(tx, owner, TRASHED, trashed)
        return _counted("folder.trashed", owner, len(trashed))

    async def remove(self, owner: UUID, folder: str) -> int:
        """For good. What is in the trash already stays there."""
        async with self._quotas.changing(owner) as (tx, _):
            doomed = await repository.inside(tx, owner, folder)
            if doomed:
                await self._removal.remove_within(tx, owner, doomed)
        return _counted("folder.removed", owner, len(doomed))


def _counted(event: str, owner: UUID, count: int) -> int:
    if count == 0:
        raise FolderNotFound
    log.info(event, owner=str(owner), files=count)
    return count
