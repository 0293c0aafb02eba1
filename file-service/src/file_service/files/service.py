"""What an owner can do with files, apart from moving their bytes."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.files import repository
from file_service.files.errors import FileNotFound
from file_service.files.repository import Content, File
from file_service.storage.object_store import ObjectStore, StoreUnavailable
from strongroom.database import Database

log = structlog.get_logger()


class Files:
    def __init__(
        self, database: Database, store: ObjectStore, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    async def record(self, owner: UUID, arrivals: Sequence[tuple[str, Content]]) -> list[File]:
        """Makes files, or new versions of files, of paths and bytes that are stored already. All of them or none."""
        now = self._clock()
        async with self._database.begin() as tx:
            # In the order of the paths, so that two uploads of the same names cannot wait for each other in a circle.
            recorded = {
                path: await repository.put(tx, uuid7(), owner, path, content, now)
                for path, content in sorted(arrivals, key=lambda arrival: arrival[0])
            }
        for file in recorded.values():
            log.info("file.uploaded", file_id=str(file.id), version=file.version, size=file.content.size)
        return [recorded[path] for path, _ in arrivals]

    async def get(self, owner: UUID, file_id: UUID) -> File:
        """Raises FileNotFound."""
        async with self._database.reading() as connection:
            file = await repository.owned(connection, owner, file_id)
        if file is None:
            raise FileNotFound
        return file

    async def listed(self, owner: UUID, *, before: UUID | None, limit: int) -> Sequence[File]:
        async with self._database.reading() as connection:
            return await repository.listed(connection, owner, before=before, limit=limit)

    async def trash(self, owner: UUID, file_id: UUID) -> None:
        """Raises FileNotFound, also for what is in the trash already."""
        async with self._database.begin() as tx:
            found = await repository.trash(tx, owner, file_id, self._clock())
        if not found:
            raise FileNotFound
        log.info("file.trashed", file_id=str(file_id))

    async def remove(self, owner: UUID, file_id: UUID) -> None:
        """For good, with all versions; also out of the trash. Raises FileNotFound."""
        async with self._database.begin() as tx:
            keys = await repository.remove(tx, owner, file_id)
        if keys is None:
            raise FileNotFound
        log.info("file.removed", file_id=str(file_id))
        # Rows first, bytes second: what stays behind if this fails is an orphan, never a row that points at nothing.
        try:
            await self._store.delete(keys)
        except StoreUnavailable as error:
            log.warning("file.objects_orphaned", file_id=str(file_id), keys=keys, exc_info=error)
