"""Strongroom for apps that have no event loop: the asynchronous client in a thread, method by method."""

import ssl
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from strongroom.client.account import AsyncAccount
from strongroom.client.administration import AsyncAdministration
from strongroom.client.blocking import Blocking, blocking, iterated, iterating, opening
from strongroom.client.client import AsyncStrongroom
from strongroom.client.event_loop import EventLoop
from strongroom.client.file_models import Column
from strongroom.client.files import AsyncFiles
from strongroom.client.folders import AsyncFolders
from strongroom.client.links import AsyncLinks
from strongroom.client.perseverance import PATIENCE
from strongroom.client.rows import AsyncRows
from strongroom.client_credentials import ClientCredentials
from strongroom.token_source import TokenSource


class Account(Blocking[AsyncAccount]):
    register = blocking(AsyncAccount.register)
    sign_in = blocking(AsyncAccount.sign_in)
    second_factor = blocking(AsyncAccount.second_factor)
    redeem = blocking(AsyncAccount.redeem)
    adopt = blocking(AsyncAccount.adopt)
    sign_out = blocking(AsyncAccount.sign_out)
    profile = blocking(AsyncAccount.profile)
    rename = blocking(AsyncAccount.rename)
    change_password = blocking(AsyncAccount.change_password)
    delete = blocking(AsyncAccount.delete)
    sessions = blocking(AsyncAccount.sessions)
    end_session = blocking(AsyncAccount.end_session)
    end_sessions = blocking(AsyncAccount.end_sessions)


class Rows:
    """As `AsyncRows`, for a plain loop."""

    def __init__(self, rows: AsyncRows, loop: EventLoop) -> None:
        self._rows = rows
        self._loop = loop

    @property
    def columns(self) -> Sequence[Column]:
        return self._rows.columns

    @property
    def row_count(self) -> int:
        return self._rows.row_count

    def __iter__(self) -> Iterator[Sequence[Any]]:
        return iterated(aiter(self._rows), self._loop)


class Files(Blocking[AsyncFiles]):
    list = iterating(AsyncFiles.list)
    at = blocking(AsyncFiles.at)
    get = blocking(AsyncFiles.get)
    update = blocking(AsyncFiles.update)
    trash = blocking(AsyncFiles.trash)
    delete = blocking(AsyncFiles.delete)
    restore = blocking(AsyncFiles.restore)
    copy = blocking(AsyncFiles.copy)
    versions = iterating(AsyncFiles.versions)
    empty_trash = blocking(AsyncFiles.empty_trash)
    usage = blocking(AsyncFiles.usage)
    text = blocking(AsyncFiles.text)
    thumbnail = blocking(AsyncFiles.thumbnail)
    rows = opening(AsyncFiles.rows, Rows)
    export_csv = iterating(AsyncFiles.export_csv)
    put = blocking(AsyncFiles.put)
    download = blocking(AsyncFiles.download)
    stream = iterating(AsyncFiles.stream)


class Folders(Blocking[AsyncFolders]):
    list = iterating(AsyncFolders.list)
    move = blocking(AsyncFolders.move)
    trash = blocking(AsyncFolders.trash)
    delete = blocking(AsyncFolders.delete)


class Links(Blocking[AsyncLinks]):
    create = blocking(AsyncLinks.create)
    list = iterating(AsyncLinks.list)
    delete = blocking(AsyncLinks.delete)


class Administration(Blocking[AsyncAdministration]):
    users = iterating(AsyncAdministration.users)
    user = blocking(AsyncAdministration.user)
    set_roles = blocking(AsyncAdministration.set_roles)
    disable = blocking(AsyncAdministration.disable)
    enable = blocking(AsyncAdministration.enable)
    delete_user = blocking(AsyncAdministration.delete_user)
    sessions = iterating(AsyncAdministration.sessions)
    end_sessions = blocking(AsyncAdministration.end_sessions)
    reset_second_factors = blocking(AsyncAdministration.reset_second_factors)
    clients = iterating(AsyncAdministration.clients)
    register_client = blocking(AsyncAdministration.register_client)
    delete_client = blocking(AsyncAdministration.delete_client)
    renew_client_secret = blocking(AsyncAdministration.renew_client_secret)
    keys = blocking(AsyncAdministration.keys)
    rotate_keys = blocking(AsyncAdministration.rotate_keys)
    audit = iterating(AsyncAdministration.audit)
    jobs = iterating(AsyncAdministration.jobs)
    retry_job = blocking(AsyncAdministration.retry_job)
    quota = blocking(AsyncAdministration.quota)
    set_quota = blocking(AsyncAdministration.set_quota)
    roles = blocking(AsyncAdministration.roles)
    put_role = blocking(AsyncAdministration.put_role)
    delete_role = blocking(AsyncAdministration.delete_role)


class Strongroom(Blocking[AsyncStrongroom]):
    """As `AsyncStrongroom`, with methods that block and plain iterators. Any number of threads may share one.

    What waits is interrupted by Ctrl-C: the call is cancelled, and has ended when KeyboardInterrupt arrives. It has a
    thread of its own, so `tokens` must be nobody else's, and are closed with it.
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
        wrapped = AsyncStrongroom(url, tokens, verify=verify, deadline=deadline, patience=patience)
        super().__init__(wrapped, EventLoop())
        self.account = Account(self._wrapped.account, self._loop)
        self.files = Files(self._wrapped.files, self._loop)
        self.folders = Folders(self._wrapped.folders, self._loop)
        self.links = Links(self._wrapped.links, self._loop)
        self.admin = Administration(self._wrapped.admin, self._loop)

    archive = iterating(AsyncStrongroom.archive)
    events = iterating(AsyncStrongroom.events)

    @property
    def tokens(self) -> TokenSource:
        return self._wrapped.tokens

    def close(self) -> None:
        """Calls that other threads are waiting for are cancelled, and raise RuntimeError there.

        In a forked process it does nothing: the connections are its parent's.
        """
        if not self._loop.is_open:
            return
        try:
            self._loop.run(self._closing())
        finally:
            self._loop.close()

    async def _closing(self) -> None:
        await self._wrapped.aclose()
        # Whose connections are in this loop: nobody else could close them.
        if isinstance(self.tokens, ClientCredentials):
            await self.tokens.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
