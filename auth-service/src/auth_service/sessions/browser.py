"""Keeps people signed in at our own pages, by a cookie, so that the next app needs no password again."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from auth_service.sessions import browser_repository as repository
from auth_service.sessions.browser_repository import BrowserSession
from auth_service.sessions.repository import has_still
from strongroom.database import Database, Transaction

LIFETIME = timedelta(hours=12)


class BrowserSessions:
    """The cookie's value is 256 random bits, and only its hash is stored."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    async def open(self, account_id: UUID) -> str:
        """The cookie's value."""
        async with self._database.begin() as tx:
            return await self._open_within(tx, account_id)

    async def open_by_password(self, account_id: UUID, password_hash: str) -> str | None:
        """None if the password that was proved is not the account's any more."""
        async with self._database.begin() as tx:
            if not await has_still(tx, account_id, password_hash):
                return None
            return await self._open_within(tx, account_id)

    async def _open_within(self, tx: Transaction, account_id: UUID) -> str:
        token = secrets.token_urlsafe(32)
        now = self._clock()
        await repository.add(tx, _digest(token), BrowserSession(account_id, now, now + LIFETIME))
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
