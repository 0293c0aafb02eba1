"""Checks the password of a share link, and slows guessing down."""

import unicodedata
from datetime import timedelta
from uuid import UUID

from file_service.links.errors import PasswordNeeded, PasswordThrottled, WrongPassword
from file_service.links.proofs import Proofs
from strongroom.database.attempts import Attempts, Limit, TooManyAttempts
from strongroom.passwords import Passwords

LONGEST_PASSWORD = 1024

# Guesses from many addresses together. Never a long wait: else any stranger could lock out whom the link is meant for.
_FROM_ANYWHERE = Limit(free=50, first=timedelta(seconds=1), longest=timedelta(minutes=1))


class LinkPasswords:
    """Attempts are counted per link and address, and, with more room, per link."""

    def __init__(self, passwords: Passwords, attempts: Attempts, proofs: Proofs) -> None:
        self._passwords = passwords
        self._attempts = attempts
        self._proofs = proofs

    async def hash(self, password: str) -> str:
        return await self._passwords.hash(_normal(password))

    async def check(self, link_id: UUID, password_hash: str, password: str | None, address: str) -> None:
        """Raises PasswordNeeded if none is given, WrongPassword, PasswordThrottled."""
        if not password:
            raise PasswordNeeded
        given = _normal(password)
        if self._proofs.hold(link_id, address, given):
            return
        await self._begin(link_id, address)
        matches = len(password) <= LONGEST_PASSWORD and (await self._passwords.verify(given, password_hash))[0]
        if not matches:
            raise WrongPassword
        await self._attempts.succeeded("link", str(link_id), address)
        await self._attempts.forgive("link", str(link_id))
        self._proofs.add(link_id, address, given)

    async def _begin(self, link_id: UUID, address: str) -> None:
        try:
            # The address first: whoever is held up there does not hold up the others.
            await self._attempts.begin("link", str(link_id), address)
            await self._begin_anywhere(link_id, address)
        except TooManyAttempts as error:
            raise PasswordThrottled(headers=error.headers) from error

    async def _begin_anywhere(self, link_id: UUID, address: str) -> None:
        try:
            await self._attempts.begin("link", str(link_id), limit=_FROM_ANYWHERE)
        except TooManyAttempts:
            # It will not be judged, so it was not wrong.
            await self._attempts.forgive("link", str(link_id), address)
            raise


def _normal(password: str) -> str:
    """The same characters typed on another system are the same password (RFC 7617 §2.1, RFC 8265).

    A form can be made to carry half a character, which is none: it becomes a question mark.
    """
    return unicodedata.normalize("NFC", password).encode(errors="replace").decode()
