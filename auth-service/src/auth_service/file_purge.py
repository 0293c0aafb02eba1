"""Has the file service remove what a deleted account leaves there."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from auth_service.accounts.service import PURGE_FILES
from auth_service.audit import repository as audit
from strongroom import ServiceClient
from strongroom.database import Database
from strongroom.database.job_worker import Handler, Job, NotYet
from strongroom.errors import Unavailable

SCOPE = "files:purge"

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=15)


class FilePurge:
    """`files` calls the file service itself, not by way of the gateway, which lets nobody reach `/files/internal`."""

    def __init__(self, database: Database, files: ServiceClient | None) -> None:
        self._database = database
        self._files = files

    def handlers(self) -> Mapping[str, Handler]:
        """Never given up, since the person has a right to it. Without a file service the jobs wait for one."""
        if self._files is None:
            return {}
        pauses = {"first_pause": _FIRST_PAUSE, "longest_pause": _LONGEST_PAUSE}
        return {PURGE_FILES: Handler(self.purge, keep_trying=None, **pauses)}

    async def purge(self, job: Job) -> None:
        """Raises NotYet, also where there was more to remove than fits into one call; the next one goes on.

        Once more does no harm.
        """
        subject = UUID(job.payload["subject"])
        await self._delete(subject)
        async with self._database.begin() as tx:
            await audit.record(tx, "account.files_purged", account_id=subject)

    async def _delete(self, subject: UUID) -> None:
        assert self._files is not None
        try:
            answer = await self._files.request("DELETE", f"/files/internal/owners/{subject}")
        except Unavailable as error:
            raise NotYet(error.slug) from error
        if not answer.is_success:
            raise NotYet(f"HTTP {answer.status_code}")
