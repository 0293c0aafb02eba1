"""Keeps people signed in at our own pages, by a cookie, so that the next app needs no password again."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from auth_service.sessions import browser_repository as repository
from auth_service.sessions.browser_repository import BrowserSession
from auth_service.sessions.repository import roles_of
from strongroom.database import Database

LIFETIME = timedelta(hours=12)


class BrowserSessions:
    """The cookie's value is 256 random bits, and only its hash is stored."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    async def open(self, account_id: UUID, password_hash: str) -> str | None:
        """The cookie's value. None if what was proved is not so any more: the account is gone, its password another."""
        token = secrets.token_urlsafe(32)
        async with self._database.begin() as tx:
            if await roles_of(tx, account_id, password_hash) is None:
                return None
            now = self._clock()
            await repository.add(tx, BrowserSession(_digest(token), account_id, now, now + LIFETIME))
        return token

    async def find(self, token: str | None) -> BrowserSession | None:
        if not token:
            return None
        async with self._database.reading() as connection:
            session = await repository.find(connection, _digest(token))
        return session if session and self._clock() < session.expires_at else None

    async def close(self, token: str) -> None:
        async with self._database.begin() as tx:
            await repository.remove(tx, _digest(token))

    async def prune(self) -> None:
        async with self._database.begin() as tx:
            await repository.prune(tx, self._clock())


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
