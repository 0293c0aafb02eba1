"""Frees the objects that no row points at any more, once that is committed."""

from collections.abc import Mapping, Sequence

from file_service.derivations import repository as derivations
from file_service.storage.object_store import ObjectStore, StoreUnavailable
from strongroom.database import Database, Transaction
from strongroom.database.backup_hold import backup_is_under_way
from strongroom.database.job_worker import Handler, Job, NotYet
from strongroom.database.jobs import JobQueue

FREE_OBJECTS = "free-objects"

_BATCH = 1000  # as many as S3 deletes in one request


class Freeing:
    """Rows first, bytes second, as a job: a crash in between leaves work to do, never a row that points at nothing."""

    def __init__(self, database: Database, jobs: JobQueue, store: ObjectStore) -> None:
        self._database = database
        self._jobs = jobs
        self._store = store

    async def free_within(self, tx: Transaction, keys: Sequence[str]) -> None:
        """`keys` must never be pointed at again. What was derived from them goes too."""
        keys = [*keys, *await derivations.forget(tx, keys)]
        for start in range(0, len(keys), _BATCH):
            await self._jobs.enqueue(tx, FREE_OBJECTS, {"keys": keys[start : start + _BATCH]})

    def handlers(self) -> Mapping[str, Handler]:
        """Never given up: the room is the owner's, and the sweep of orphans would take a day."""
        return {FREE_OBJECTS: Handler(self.free, keep_trying=None)}

    async def free(self, job: Job) -> None:
        """Once more does no harm. Raises NotYet, also while a backup may still have to copy them (ADR 0023)."""
        async with self._database.reading() as connection:
            if await backup_is_under_way(connection):
                raise NotYet("backup-under-way")
        try:
            await self._store.delete(job.payload["keys"])
        except StoreUnavailable as error:
            raise NotYet(error.slug) from error
