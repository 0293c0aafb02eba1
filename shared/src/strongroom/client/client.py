"""Strongroom for apps: accounts and files, asynchronously."""

import ssl
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from strongroom.client.account import AsyncAccount
from strongroom.client.administration import AsyncAdministration
from strongroom.client.connection import Connection, chunks, http_client
from strongroom.client.events import events
from strongroom.client.file_models import Event, File
from strongroom.client.files import AsyncFiles
from strongroom.client.folders import AsyncFolders
from strongroom.client.links import AsyncLinks, file_id
from strongroom.client.perseverance import PATIENCE
from strongroom.client.person_tokens import PersonTokens
from strongroom.token_source import TokenSource


class AsyncStrongroom:
    """Strongroom at `url`, on behalf of whom `tokens` are of: a person (`PersonTokens`, also by default) or a program
    (`ClientCredentials`). Use it with `async with`, or close it with `aclose`.

    - Tokens go to the origin of `url` and nowhere else; no redirect is followed.
    - What is harmless to do twice is tried again, with pauses, within `deadline` seconds; transfers have no deadline:
      one that breaks off, or on which nothing moves for a minute, goes on where it was, until it has got no further for
      `patience` seconds.
    - `PersonTokens` are closed with it. Tokens of a program may be others' too, and stay open.
    - Whatever is refused or broken raises a `StrongroomError`.
    """

    def __init__(
        self,
        url: str,
        tokens: TokenSource | None = None,
        *,
        verify: ssl.SSLContext | bool = True,
        deadline: float = 30.0,
        patience: float = PATIENCE,
    ) -> None:
        self._tokens = PersonTokens(url, verify=verify) if tokens is None else tokens
        self._connection = Connection(url, self._tokens, http_client(url, verify), deadline=deadline, patience=patience)
        self.account = AsyncAccount(self._connection, self._tokens)
        self.files = AsyncFiles(self._connection)
        self.folders = AsyncFolders(self._connection)
        self.links = AsyncLinks(self._connection)
        self.admin = AsyncAdministration(self._connection)

    @property
    def tokens(self) -> TokenSource:
        return self._tokens

    async def archive(
        self, *, ids: Sequence[File | UUID | str] | None = None, prefix: str | None = None
    ) -> AsyncIterator[bytes]:
        """A zip archive in pieces of any size: of up to 1,000 files side by side, or of a folder (empty: everything).

        Raises NotFound, Unprocessable. It is made while it comes, so it cannot be gone on with.
        """
        if (ids is None) == (prefix is None):
            raise TypeError("an archive is of ids or of a prefix")
        wanted = {"prefix": prefix} if ids is None else {"ids": [str(file_id(one)) for one in ids]}
        async with self._connection.opened("POST", "/files/archive", json=wanted) as answer:
            async for chunk in chunks(answer):
                yield chunk

    def events(
        self, *, after: str | int | None = None, types: Sequence[str] = (), prefix: str = ""
    ) -> AsyncIterator[Event]:
        """What happens to the caller's files, as it happens; behind the event `after` first what was missed.

        `types` are like `file.created` or `file.*`, `prefix` is of paths. A connection that ends, with its token or
        with the service, is made again, and goes on without a gap and without a repetition. Raises EventsGone where
        that cannot be, SignedOut, and other errors that would come again.
        """
        return events(self._connection, after, types, prefix)

    async def aclose(self) -> None:
        try:
            if isinstance(self._tokens, PersonTokens):
                await self._tokens.aclose()
        finally:
            await self._connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
