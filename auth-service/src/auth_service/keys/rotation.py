"""Moves keys through their life: next (published, not signing), active, retired (still published), gone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from auth_service.audit import repository as audit
from auth_service.keys import repository
from auth_service.keys.repository import StoredKey
from auth_service.keys.service import KeyRing
from strongroom.database import Database, Transaction

log = structlog.get_logger()

# For so long verifiers, and caches between, may keep a key set.
JWKS_MAX_AGE = timedelta(minutes=5)
# Within this time every replica has loaded what another one changed, and its clock is right.
REPLICAS_AGREE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class KeyLife:
    """`activates_at` is when a next key will sign, if that is decided; `gone_at` when a retired one is removed."""

    key: StoredKey
    activates_at: datetime | None
    gone_at: datetime | None


class KeyRotation:
    """`period` is how long one key signs, `token_lifetime` how long what it signed is valid at the most."""

    def __init__(
        self,
        database: Database,
        keys: KeyRing,
        *,
        period: timedelta,
        token_lifetime: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keys = keys
        self._period = period
        self._keep_retired = token_lifetime + REPLICAS_AGREE_AFTER
        self._clock = clock

    async def tend(self) -> None:
        """Does what is due, and loads what others did. Any number of replicas may do so at any time."""
        spare = None
        if not any(key.state == "next" for key in await self._keys.stored()):
            spare = await self._keys.make("next")
        async with self._database.begin() as tx:
            await repository.lock(tx)
            await self._advance(tx, spare)
        await self._keys.load()

    async def rotate(self, actor: UUID) -> None:
        """The next key signs as soon as every verifier can know it: usually at once, else within minutes."""
        await self.tend()
        async with self._database.begin() as tx:
            await repository.lock(tx)
            stored = await repository.all_keys(tx)
            following = next(key for key in stored if key.state == "next")
            await repository.request_activation(
                tx, following.kid, max(self._clock(), self._ready_at(following, stored))
            )
            await audit.record(tx, "key.rotation_requested", actor_id=actor, kid=following.kid)
        await self.tend()
        await self.tend()  # the new next key, published from now on

    async def replace_all(self, actor: UUID) -> None:
        """For keys that are in wrong hands: a new pair at once.

        Whatever the old ones signed is void as soon as a verifier renews its key set: within five minutes everywhere.
        People refresh their tokens and go on; verifiers learn the new key when they first see it.
        """
        active, following = await self._keys.make("active"), await self._keys.make("next")
        async with self._database.begin() as tx:
            await repository.lock(tx)
            for key in await repository.all_keys(tx):
                await repository.remove(tx, key.kid)
                await audit.record(tx, "key.removed", actor_id=actor, kid=key.kid)
            for key in (active, following):
                await repository.add(tx, key)
                await audit.record(tx, "key.created", actor_id=actor, kid=key.kid)
        await self._keys.load()

    async def lives(self) -> Sequence[KeyLife]:
        stored = await self._keys.stored()
        return [
            KeyLife(
                key,
                activates_at=self._due_at(key, stored) if key.state == "next" else None,
                gone_at=key.retired_at + self._keep_retired if key.retired_at else None,
            )
            for key in stored
        ]

    async def _advance(self, tx: Transaction, spare: StoredKey | None) -> None:
        now = self._clock()
        stored = await repository.all_keys(tx)
        for key in stored:
            if key.retired_at and key.retired_at + self._keep_retired <= now:
                await repository.remove(tx, key.kid)
                await audit.record(tx, "key.removed", kid=key.kid)
            elif key.state == "next" and self._due_at(key, stored) <= now:
                await repository.activate(tx, key.kid, now)
                await audit.record(tx, "key.activated", kid=key.kid)
                log.info("signing_key.activated", kid=key.kid)
        if spare is not None and not any(key.state == "next" for key in stored):
            await repository.add(tx, spare)
            await audit.record(tx, "key.created", kid=spare.kid)

    def _due_at(self, key: StoredKey, stored: Sequence[StoredKey]) -> datetime:
        active = next(other for other in stored if other.state == "active")
        scheduled = (active.activated_at or active.created_at) + self._period
        wanted = min(scheduled, key.activate_at) if key.activate_at else scheduled
        return max(wanted, self._ready_at(key, stored))

    def _ready_at(self, key: StoredKey, stored: Sequence[StoredKey]) -> datetime:
        """When no verifier can have a key set any more that lacks this key.

        One that is as old as the oldest key was in every set there ever was.
        """
        if key.created_at <= min(other.created_at for other in stored):
            return key.created_at
        return key.created_at + JWKS_MAX_AGE + REPLICAS_AGREE_AFTER
