"""The versions of a file: shows them, and goes back to one."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog

from file_service.files import repository
from file_service.files import version_repository as versions
from file_service.files.errors import FileNotFound, VersionNotFound
from file_service.files.repository import File
from file_service.files.telling import UPDATED, tell
from file_service.files.version_repository import Version
from file_service.usage.service import Quotas
from strongroom.database import Database

log = structlog.get_logger()


class History:
    def __init__(
        self, database: Database, quotas: Quotas, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._clock = clock

    async def listed(self, account: UUID, file_id: UUID, *, before: int | None, limit: int) -> Sequence[Version]:
        """Newest first. Raises FileNotFound."""
        async with self._database.reading() as connection:
            if await repository.visible(connection, account, file_id) is None:
                raise FileNotFound
            return await versions.listed(connection, file_id, before=before, limit=limit)

    async def find(self, account: UUID, file_id: UUID, number: int | None) -> tuple[File, Version]:
        """The file, and one version of it or the current one. Raises FileNotFound, VersionNotFound."""
        async with self._database.reading() as connection:
            file = await repository.visible(connection, account, file_id)
            if file is None:
                raise FileNotFound
            version = await versions.find(connection, file_id, file.version if number is None else number)
        if version is None:
            raise VersionNotFound
        return file, version

    async def require(self, version: Version) -> None:
        """Raises FileNotFound if it was removed since."""
        async with self._database.reading() as connection:
            if await versions.find(connection, version.file_id, version.number) is None:
                raise FileNotFound

    async def restore(self, owner: UUID, file_id: UUID, number: int) -> File:
        """What that version held becomes the newest version. The bytes are shared, not copied; they count twice.

        Raises FileNotFound, VersionNotFound, QuotaExceeded.
        """
        async with self._quotas.changing(owner) as (tx, usage):
            file = await repository.owned(tx, owner, file_id)
            if file is None:
                raise FileNotFound
            version = await versions.find(tx, file_id, number)
            if version is None:
                raise VersionNotFound
            restored = await repository.put_version(tx, file, version.content, self._clock())
            await self._quotas.charge_within(tx, owner, usage, bytes_=version.content.size)
            await tell(tx, owner, UPDATED, [file_id])
        log.info("file.restored", file_id=str(file_id), version=restored.version, restored=number)
        return restored
