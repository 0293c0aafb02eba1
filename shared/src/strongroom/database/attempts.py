"""Counts attempts at a secret in PostgreSQL, so that the count holds across replicas and restarts."""

import hmac
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from strongroom.database.counted_attempts import NOT_BLOCKED, Counted, CountedAttempts
from strongroom.database.engine import Database
from strongroom.errors import TooManyRequests

_MEMORY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` attempts cost nothing; each further one makes the next wait, `first` at first and then twice as long."""

    free: int
    first: timedelta
    longest: timedelta


GUESSES = Limit(free=5, first=timedelta(seconds=1), longest=timedelta(minutes=15))


class TooManyAttempts(TooManyRequests):
    """`retry_after` is in whole seconds, and also in the `Retry-After` header (RFC 9110 §10.2.3)."""

    slug = "too-many-attempts"
    title = "Too many attempts; wait before the next one"

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"Retry-After": str(retry_after)})
        self.retry_after = retry_after


class Attempts:
    """What is guessed at is named by words (`"password", account, device`) and stored as a keyed hash of them.

    `schema` is that of the service, whose table `attempts` they are counted in.
    """

    def __init__(
        self, database: Database, schema: str, key: bytes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._counted = CountedAttempts(schema)
        self._key = key
        self._clock = clock

    async def begin(self, *what: str, limit: Limit = GUESSES) -> None:
        """Call before judging an attempt: it counts as failed until `succeeded`. Raises TooManyAttempts."""
        bucket = self._bucket(what)
        now = self._clock()
        async with self._database.begin() as tx:
            counted = await self._counted.lock(tx, bucket, now)
            if counted.blocked_until <= now:
                await self._counted.store(tx, bucket, _next(counted, now, limit))
                return
        # A blocked attempt counts for nothing: whoever keeps knocking does not make the wait longer.
        raise TooManyAttempts(math.ceil((counted.blocked_until - now).total_seconds()))

    async def succeeded(self, *what: str) -> None:
        """Forgets the failures."""
        async with self._database.begin() as tx:
            await self._counted.forget(tx, self._bucket(what))

    async def forgive(self, *what: str) -> None:
        """Takes back one failure and what it blocked, and leaves the others."""
        bucket = self._bucket(what)
        now = self._clock()
        async with self._database.begin() as tx:
            counted = await self._counted.lock(tx, bucket, now)
            await self._counted.store(tx, bucket, Counted(max(0, counted.failures - 1), counted.last_at, NOT_BLOCKED))

    async def prune(self) -> None:
        async with self._database.begin() as tx:
            await self._counted.prune(tx, self._clock() - _MEMORY)

    def _bucket(self, what: tuple[str, ...]) -> bytes:
        return hmac.digest(self._key, "\0".join(what).encode(), "sha256")


def _next(counted: Counted, now: datetime, limit: Limit) -> Counted:
    failures = 1 if counted.last_at < now - _MEMORY else counted.failures + 1
    if failures < limit.free:
        return Counted(failures, now, NOT_BLOCKED)
    return Counted(failures, now, now + min(limit.longest, limit.first * 2 ** min(failures - limit.free, 30)))
