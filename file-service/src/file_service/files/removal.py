"""Removes files for good, with all their versions: what counts, what is stored, and what points at it."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from file_service.database.among import among
from file_service.database.tables import files
from file_service.files import repository
from file_service.files import version_repository as versions
from file_service.files.freeing import Freeing
from file_service.files.telling import DELETED, tell
from file_service.usage.service import Quotas
from strongroom.database import Transaction

log = structlog.get_logger()


class Removal:
    def __init__(self, quotas: Quotas, freeing: Freeing) -> None:
        self._quotas = quotas
        self._freeing = freeing

    async def remove_within(self, tx: Transaction, owner: UUID, file_ids: Sequence[UUID]) -> None:
        """All of them in one go, however many. The owner is to be locked, and the files to be theirs."""
        await tell(tx, owner, DELETED, file_ids)
        removed = await versions.remove_of(tx, file_ids)
        await repository.remove(tx, among(files.c.id, file_ids))
        await self._quotas.release_within(tx, owner, bytes_=removed.bytes, files=len(file_ids))
        await self._freeing.free_within(tx, removed.object_keys)
        log.info("files.removed", owner=str(owner), files=len(file_ids), bytes=removed.bytes)
