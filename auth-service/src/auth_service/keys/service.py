"""Holds the keys that sign and the keys that are published, as the database has them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from auth_service.audit import repository as audit
from auth_service.keys import repository
from auth_service.keys.repository import SealedKey, StoredKey
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
        self._loading = asyncio.Lock()
        self._published: Sequence[dict[str, str]] = ()
        self._opened: dict[str, SigningKey] = {}
        self._active: SigningKey | None = None

    @property
    def active(self) -> SigningKey:
        assert self._active is not None, "load() was not called"
        return self._active

    def jwks(self) -> dict[str, Sequence[dict[str, str]]]:
        """The JWK set to publish (RFC 7517 §5): public parts only, of every state."""
        return {"keys": self._published}

    async def load(self) -> Sequence[StoredKey]:
        """Reads all keys, and makes the first two where there are none. Raises WrongMasterKey."""
        # One at a time: else an older answer of the database, arriving late, would replace a newer one.
        async with self._loading:
            stored = await self.stored() or await self._make_first()
            # Published first: others' tokens are verified with them, even if this replica cannot sign with them.
            self._published = [key.public_jwk for key in stored]
            # The next one is opened too, so that a wrong master key is noticed now and not when it is to sign.
            self._opened = {key.kid: self.opened(key) for key in stored if key.state != "retired"}
            active = next(key for key in stored if key.state == "active")
            if self._active is None or self._active.kid != active.kid:
                log.info("signing_key.in_use", kid=active.kid)
            self._active = self._opened[active.kid]
            return stored

    def opened(self, key: StoredKey) -> SigningKey:
        """Raises WrongMasterKey."""
        if key.kid in self._opened:
            return self._opened[key.kid]
        return SigningKey.from_der(self._master_key.open(key.sealed_private_key, key.kid))

    async def stored(self) -> Sequence[StoredKey]:
        async with self._database.reading() as connection:
            return await repository.all_keys(connection)

    async def make(self) -> SealedKey:
        """A new key, not stored yet. Made in a thread: it takes a good part of a second."""
        key = await asyncio.to_thread(SigningKey.generate)
        return SealedKey(key.kid, key.public_jwk, self._master_key.seal(key.to_der(), key.kid))

    async def _make_first(self) -> Sequence[StoredKey]:
        active, following = await self.make(), await self.make()
        async with self._database.begin() as tx:
            await repository.lock(tx)
            present = await repository.all_keys(tx)
            if present:
                return present  # another replica was quicker
            await repository.add_first(tx, active, following, self._clock())
            for kid in (active.kid, following.kid):
                await audit.record(tx, "key.created", kid=kid)
            await audit.record(tx, "key.activated", kid=active.kid)
            return await repository.all_keys(tx)
