"""Makes accounts in a Strongroom and puts files into them, as their owners would."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg
import httpx2
from people import OldFile, Person

_PATIENCE = httpx2.Timeout(60, read=600)
# The one thing that no API does, and the reason why this wants the database: a hash instead of a password.
_AS_IT_WAS = """
    update auth.accounts set password_hash = coalesce($2, password_hash), email_verified = email_verified or $3
    where id = $1
"""


class NotOurs(Exception):
    """There is an account with this address that this did not make."""


@dataclass(frozen=True, slots=True)
class Moved:
    new_id: str
    files: int
    keeps_password: bool


class Strongroom:
    """`password` gives an account the password that it has while it is being moved."""

    def __init__(self, url: str, password: Callable[[str], str], database_url: str | None) -> None:
        self._http = httpx2.AsyncClient(base_url=url, timeout=_PATIENCE, trust_env=False)
        self._password = password
        self._database_url = database_url
        self._open = AsyncExitStack()
        self._database: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._http)
        if self._database_url:
            # As the services have it, it names the driver too.
            self._database = await asyncpg.connect(self._database_url.replace("+asyncpg", "", 1))
            self._open.push_async_callback(self._database.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def move(self, person: Person) -> Moved:
        """Goes on with an account that was begun before. Raises NotOurs."""
        wanted = {"email": person.email, "password": self._password(person.email), "name": person.name}
        made = await self._http.post("/auth/register", json=wanted)
        if made.status_code != HTTPStatus.CONFLICT:
            made.raise_for_status()
        await self._sign_in(person)
        for file in person.files:
            await self._put(person, file)
        new_id = str((await self._http.get("/auth/profile")).raise_for_status().json()["id"])
        (await self._http.delete("/auth/sessions")).raise_for_status()
        if self._database is not None:
            await self._database.execute(_AS_IT_WAS, new_id, person.usable_hash, person.verified)
        keeps = self._database is not None and person.usable_hash is not None
        return Moved(new_id, len(person.files), keeps)

    async def invite(self, email: str) -> None:
        (await self._http.post("/auth/password/forgot", json={"email": email})).raise_for_status()

    async def _sign_in(self, person: Person) -> None:
        form = {"grant_type": "password", "username": person.email, "password": self._password(person.email)}
        answer = await self._http.post("/auth/token", data=form)
        if answer.status_code == HTTPStatus.BAD_REQUEST:
            raise NotOurs
        self._http.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    async def _put(self, person: Person, file: OldFile) -> None:
        """What is there already was brought by an earlier run, whole: nothing else is a file."""
        answer = await self._sent(file)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:  # it took longer than a token is good for
            await self._sign_in(person)
            answer = await self._sent(file)
        if answer.status_code != HTTPStatus.PRECONDITION_FAILED:
            answer.raise_for_status()

    async def _sent(self, file: OldFile) -> httpx2.Response:
        address = f"/files/raw/{quote(file.path)}"
        return await self._http.put(address, content=file.content(), headers={"If-None-Match": "*"})
