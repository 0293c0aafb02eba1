"""Holds the keys that sign and the keys that are published, as the database has them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog

from auth_service.keys import repository
from auth_service.keys.repository import StoredKey
from auth_service.keys.sealing import MasterKey
from auth_service.keys.signing_key import SigningKey
from strongroom.database import Database

log = structlog.get_logger()


class KeyRing:
    """`load` before use."""

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
        """The JWK set to publish (RFC 7517 §5): public parts only."""
        return {"keys": self._published}

    async def load(self) -> None:
        """Reads the keys, and makes the first one where there is none. Raises WrongMasterKey."""
        async with self._database.reading() as connection:
            stored = await repository.all_keys(connection)
        if not stored:
            stored = await self._make_first()
        active = next(key for key in stored if key.state == "active")
        self._active = SigningKey.from_der(self._master_key.open(active.sealed_private_key, active.kid))
        self._published = [key.public_jwk for key in stored]

    async def _make_first(self) -> Sequence[StoredKey]:
        key = await asyncio.to_thread(SigningKey.generate)
        now = self._clock()
        stored = StoredKey(
            kid=key.kid,
            state="active",
            public_jwk=key.public_jwk,
            sealed_private_key=self._master_key.seal(key.to_der(), key.kid),
            created_at=now,
            activated_at=now,
            retired_at=None,
        )
        async with self._database.begin() as tx:
            await repository.lock(tx)
            present = await repository.all_keys(tx)
            if present:
                return present  # another replica was quicker
            await repository.add(tx, stored)
        log.info("signing_key.created", kid=key.kid)
        return [stored]
