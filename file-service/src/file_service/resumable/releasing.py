"""Frees what an upload that is gone had in the store, once that is committed."""

from collections.abc import Mapping

from file_service.files.freeing import Freeing
from file_service.resumable.repository import Upload
from file_service.storage.multipart import MultipartStore
from file_service.storage.object_store import StoreUnavailable
from strongroom.database import Transaction
from strongroom.database.job_worker import Handler, Job, NotYet
from strongroom.database.jobs import JobQueue

ABORT_PARTS = "abort-parts"


class Releasing:
    def __init__(self, jobs: JobQueue, freeing: Freeing, multipart: MultipartStore) -> None:
        self._jobs = jobs
        self._freeing = freeing
        self._multipart = multipart

    async def release_within(self, tx: Transaction, upload: Upload) -> None:
        """The upload's row is to be removed in the same transaction. What is a file's by now is not in it."""
        if upload.multipart_id is not None:
            await self._jobs.enqueue(tx, ABORT_PARTS, {"key": upload.object_key, "id": upload.multipart_id})
        keys = [key for key in (upload.object_key, upload.tail_key) if key is not None]
        if keys:
            await self._freeing.free_within(tx, keys)

    def handlers(self) -> Mapping[str, Handler]:
        return {ABORT_PARTS: Handler(self.abort, keep_trying=None)}

    async def abort(self, job: Job) -> None:
        """Once more does no harm. Raises NotYet."""
        try:
            await self._multipart.abort(job.payload["key"], job.payload["id"])
        except StoreUnavailable as error:
            raise NotYet(error.slug) from error
