"""Gives out addresses of files, and answers for them while whoever asked for one may still read the file."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from starlette.responses import Response

from file_service.access import account_of
from file_service.addresses.grants import Grant, Seal
from file_service.downloads.download_request import DownloadRequest
from file_service.downloads.service import Downloads
from file_service.files.errors import FileNotFound, VersionNotFound
from file_service.files.history import History
from file_service.files.repository import File
from file_service.files.version_repository import Version
from file_service.links.errors import DeadLink
from strongroom import Principal, TokenVerifier


@dataclass(frozen=True, slots=True)
class Wanted:
    """`version` None is the current one, and stays that one. `seconds` is how long the address is good for."""

    version: int | None
    inline: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class Address:
    sealed: str
    expires_at: datetime


class Addresses:
    def __init__(
        self,
        verifier: TokenVerifier,
        history: History,
        downloads: Downloads,
        seal: Seal,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._verifier = verifier
        self._history = history
        self._downloads = downloads
        self._seal = seal
        self._clock = clock

    async def give(self, who: Principal, file_id: UUID, wanted: Wanted) -> Address:
        """Raises FileNotFound, VersionNotFound."""
        _, version = await self._history.find(account_of(who).id, file_id, wanted.version)
        expires_at = int(self._clock()) + wanted.seconds
        grant = Grant(
            file_id=file_id,
            version=version.number,
            inline=wanted.inline,
            expires_at=expires_at,
            account=who.subject,
            session_id=who.session_id,
            token_id=who.token_id,
            issued_at=who.issued_at,
        )
        return Address(self._seal.close(grant), datetime.fromtimestamp(expires_at, UTC))

    async def answer(self, sealed: str, wanted: DownloadRequest) -> Response:
        """The bytes. Raises DeadLink whatever the reason, and what `Downloads.answer` does."""
        grant = self._seal.open(sealed)
        if grant is None or self._clock() >= grant.expires_at or not await self._verifier.admits(_principal(grant)):
            raise DeadLink
        file, version = await self._granted(grant)
        answer = self._downloads.answer(replace(wanted, inline=grant.inline), file, version)
        # Whoever knows the address may have it in their page: it is what lets them in, and no cookie.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    async def _granted(self, grant: Grant) -> tuple[File, Version]:
        try:
            return await self._history.find(UUID(grant.account), grant.file_id, grant.version)
        except (FileNotFound, VersionNotFound) as error:
            raise DeadLink from error


def _principal(grant: Grant) -> Principal:
    """As the token's that asked for it: what is revoked of that, is of this."""
    return Principal(
        subject=grant.account,
        client_id=None,
        session_id=grant.session_id,
        scopes=frozenset(),
        roles=frozenset(),
        token_id=grant.token_id,
        issued_at=grant.issued_at,
        expires_at=grant.expires_at,
    )
