"""Ends uploads, whether they are finished or not."""

from uuid import UUID

import structlog

from file_service.resumable import repository
from file_service.resumable.errors import UploadNotFound
from file_service.resumable.releasing import Releasing
from file_service.resumable.repository import Upload
from strongroom.database import Database

log = structlog.get_logger()


class Ending:
    def __init__(self, database: Database, releasing: Releasing) -> None:
        self._database = database
        self._releasing = releasing

    async def end(self, owner: UUID, upload_id: UUID) -> Upload:
        """Also while a request is at it, which is told at its next step. A file that it has become stays.

        Raises UploadNotFound.
        """
        async with self._database.begin() as tx:
            upload = await repository.remove(tx, owner, upload_id)
            if upload is None:
                raise UploadNotFound
            await self._releasing.release_within(tx, upload)
        log.info("upload.terminated", upload_id=str(upload_id), received=upload.received)
        return upload
