"""Has the file service remove what a deleted account leaves there."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import httpx2

from auth_service.accounts.service import PURGE_FILES
from auth_service.audit import repository as audit
from auth_service.oauth.access_tokens import AccessTokens
from strongroom.database import Database
from strongroom.database.job_worker import Handler, Job, NotYet

# Whom the token speaks for: this service. Always the same, and the id of nobody else.
AUTH_SERVICE = UUID("018f0000-0000-7000-8000-000000000001")
SCOPE = "files:purge"


class FilePurge:
    """`files_url` is the file service itself, not the gateway, which lets nobody reach `/files/internal`."""

    def __init__(
        self, database: Database, access_tokens: AccessTokens, http: httpx2.AsyncClient, files_url: str | None
    ) -> None:
        self._database = database
        self._access_tokens = access_tokens
        self._http = http
        self._files_url = files_url

    def handlers(self) -> Mapping[str, Handler]:
        """Never given up, since the person has a right to it. Without a file service the jobs wait for one."""
        if self._files_url is None:
            return {}
        return {PURGE_FILES: Handler(self.purge, keep_trying=None, longest_pause=timedelta(hours=1))}

    async def purge(self, job: Job) -> None:
        """Raises NotYet. Once more does no harm."""
        subject = UUID(job.payload["subject"])
        await self._delete(f"{self._files_url}/files/internal/owners/{subject}")
        async with self._database.begin() as tx:
            await audit.record(tx, "account.files_purged", account_id=subject)

    async def _delete(self, url: str) -> None:
        token = self._access_tokens.issue(str(AUTH_SERVICE), client_id=str(AUTH_SERVICE), scope=SCOPE)
        try:
            answer = await self._http.delete(url, headers={"Authorization": f"Bearer {token}"})
        except httpx2.HTTPError as error:
            raise NotYet(type(error).__name__) from error
        if not answer.is_success:
            raise NotYet(f"HTTP {answer.status_code}")
