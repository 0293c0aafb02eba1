"""Holds the keys that sign and the keys that are published, as the database has them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from auth_service.audit import repository as audit
from auth_service.keys import repository
from auth_service.keys.repository import StoredKey
from auth_service.keys.sealing import MasterKey
from auth_service.keys.signing_key import SigningKey
from strongroom.database import Database

log = structlog.get_logger()


class KeyRing:
    """`load` before use, and again now and then: another replica may have rotated.

    A replica that has not loaded since a rotation goes on signing with the old key; that one stays published for as
    long as anything signed with it is valid, and some minutes more.
    """

    def __init__(
        self, database: Database, master_key: MasterKey, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._master_key = master_key
        self._clock = clock
        self._published: Sequence[dict[str, str]] = ()
        self._active: SigningKey | None = None

    @property
    def active(self) -> SigningKey:
        assert self._active is not None, "load() was not called"
        return self._active

    def jwks(self) -> dict[str, Sequence[dict[str, str]]]:
        """The JWK set to publish (RFC 7517 §5): public parts only, of every state."""
        return {"keys": self._published}

    async def load(self) -> None:
        """Reads the keys, and makes the first two where there are none. Raises WrongMasterKey."""
        stored = await self.stored()
        if not stored:
            stored = await self._make_first()
        active = next(key for key in stored if key.state == "active")
        if self._active is None or self._active.kid != active.kid:
            self._active = SigningKey.from_der(self._master_key.open(active.sealed_private_key, active.kid))
        self._published = [key.public_jwk for key in stored]

    async def stored(self) -> Sequence[StoredKey]:
        async with self._database.reading() as connection:
            return await repository.all_keys(connection)

    async def make(self, state: str) -> StoredKey:
        """A new key, not stored yet. Made in a thread: it takes a good part of a second."""
        key = await asyncio.to_thread(SigningKey.generate)
        now = self._clock()
        return StoredKey(
            kid=key.kid,
            state=state,
            public_jwk=key.public_jwk,
            sealed_private_key=self._master_key.seal(key.to_der(), key.kid),
            created_at=now,
            activated_at=now if state == "active" else None,
        )

    async def _make_first(self) -> Sequence[StoredKey]:
        # Both from the same moment: no key set was ever published without the next one, so it may sign at any time.
        active = await self.make("active")
        following = await self.make("next")
        pair = [active, _at(following, active.created_at)]
        async with self._database.begin() as tx:
            await repository.lock(tx)
            present = await repository.all_keys(tx)
            if present:
                return present  # another replica was quicker
            for key in pair:
                await repository.add(tx, key)
                await audit.record(tx, "key.created", kid=key.kid)
        log.info("signing_keys.created", kids=[key.kid for key in pair])
        return pair


def _at(key: StoredKey, created_at: datetime) -> StoredKey:
    return StoredKey(key.kid, key.state, key.public_jwk, key.sealed_private_key, created_at)
