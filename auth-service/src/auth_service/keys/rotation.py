"""Moves keys through their life: next (published, not signing), active, retired (still published), gone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth_service.audit import repository as audit
from auth_service.keys import repository
from auth_service.keys.repository import StoredKey
from auth_service.keys.service import KeyRing
from strongroom.database import Database, Transaction

# For so long verifiers, and caches between, may keep a key set.
JWKS_MAX_AGE = timedelta(minutes=5)
# Within this time every replica has loaded what another one changed. It covers the longest reload interval (a minute),
# a reload that failed and was tried again, the leeway of verifiers (30 s) and clocks that differ by some seconds. A
# replica cut off from the database for longer still publishes an old key set, but is not ready and gets no traffic.
REPLICAS_AGREE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class KeyLife:
    """`activates_at` is when a next key will sign, `gone_at` when a retired one is removed."""

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
        # Not from `retired_at` alone: until it reloads, another replica goes on signing with the retired key.
        self._keep_retired = token_lifetime + REPLICAS_AGREE_AFTER
        self._clock = clock

    async def tend(self) -> None:
        """Loads what others did, and does what is due. Any number of replicas may do so at any time."""
        if self._is_anything_due(await self._keys.load(), self._clock()):
            await self._advance()

    async def rotate(self, actor: UUID) -> None:
        """The next key signs as soon as every verifier can know it: usually at once, else within minutes.

        Asked again meanwhile, it is still one rotation.
        """
        await self._advance(actor)

    async def replace_all(self, actor: UUID) -> None:
        """For keys that are in wrong hands: a new pair at once.

        Whatever the old ones signed is void as soon as a verifier renews its key set: within six minutes everywhere.
        The cost: people refresh their tokens and go on, but a verifier behind a cache, or in its cooldown on unknown
        keys, refuses the new tokens too until it has the new set.
        """
        active, following = await self._keys.make(), await self._keys.make()
        async with self._database.begin() as tx:
            await repository.lock(tx)
            for key in await repository.all_keys(tx):
                await repository.remove(tx, key.kid)
                await audit.record(tx, "key.removed", actor_id=actor, kid=key.kid)
            await repository.add_first(tx, active, following, self._clock())
            for kid in (active.kid, following.kid):
                await audit.record(tx, "key.created", actor_id=actor, kid=kid)
            await audit.record(tx, "key.activated", actor_id=actor, kid=active.kid)
        await self._keys.load()

    async def lives(self) -> Sequence[KeyLife]:
        """Newest first."""
        stored = await self._keys.stored()
        return [
            KeyLife(
                key,
                activates_at=self._due_at(key, stored) if key.state == "next" else None,
                gone_at=self._gone_at(key),
            )
            for key in stored
        ]

    async def _advance(self, asked_by: UUID | None = None) -> None:
        # Made ahead and perhaps in vain, since it takes long: so the transaction that activates the next key also adds
        # its successor, and there is one at any time.
        spare = await self._keys.make()
        async with self._database.begin() as tx:
            await repository.lock(tx)
            # Read after the lock: what was due before may be done by now.
            now = self._clock()
            await self._remove_gone(tx, now)
            following = next((key for key in await repository.all_keys(tx) if key.state == "next"), None)
            if following is None:  # only in a database from before there were next keys
                await self._add_next(tx, spare, now, asked_by)
            if asked_by:
                await repository.request_activation(tx, now)
                await audit.record(tx, "key.rotation_requested", actor_id=asked_by)
            if following and await self._activate_if_due(tx, now, asked_by):
                await self._add_next(tx, spare, now, asked_by)
            await repository.tell(tx)
        await self._keys.load()

    async def _remove_gone(self, tx: Transaction, now: datetime) -> None:
        for key in await repository.all_keys(tx):
            gone_at = self._gone_at(key)
            if gone_at and gone_at <= now:
                await repository.remove(tx, key.kid)
                await audit.record(tx, "key.removed", kid=key.kid)

    async def _activate_if_due(self, tx: Transaction, now: datetime, actor: UUID | None) -> bool:
        stored = await repository.all_keys(tx)
        following = _in_state("next", stored)
        if self._due_at(following, stored) > now:
            return False
        # Under another master key it would sign nowhere: raising here leaves the active key in place.
        self._keys.opened(following)
        await repository.activate(tx, following.kid, now)
        await audit.record(tx, "key.retired", actor_id=actor, kid=_in_state("active", stored).kid)
        await audit.record(tx, "key.activated", actor_id=actor, kid=following.kid)
        return True

    async def _add_next(self, tx: Transaction, spare: repository.SealedKey, now: datetime, actor: UUID | None) -> None:
        await repository.add(tx, spare, "next", now)
        await audit.record(tx, "key.created", actor_id=actor, kid=spare.kid)

    def _is_anything_due(self, stored: Sequence[StoredKey], now: datetime) -> bool:
        following = next((key for key in stored if key.state == "next"), None)
        if following is None or self._due_at(following, stored) <= now:
            return True
        return any(gone_at <= now for gone_at in map(self._gone_at, stored) if gone_at)

    def _gone_at(self, key: StoredKey) -> datetime | None:
        return key.retired_at + self._keep_retired if key.retired_at else None

    def _due_at(self, following: StoredKey, stored: Sequence[StoredKey]) -> datetime:
        active = _in_state("active", stored)
        scheduled = (active.activated_at or active.created_at) + self._period
        wanted = min(scheduled, following.activate_at) if following.activate_at else scheduled
        return max(wanted, _ready_at(following, stored))


def _in_state(state: str, stored: Sequence[StoredKey]) -> StoredKey:
    return next(key for key in stored if key.state == state)


def _ready_at(key: StoredKey, stored: Sequence[StoredKey]) -> datetime:
    """When no verifier can have a key set any more that lacks this key.

    A set may have been fetched, for JWKS_MAX_AGE, from a replica that learnt of the key last. One that is as old as the
    oldest key was in every set there ever was.
    """
    if key.created_at <= min(other.created_at for other in stored):
        return key.created_at
    return key.created_at + REPLICAS_AGREE_AFTER + JWKS_MAX_AGE
