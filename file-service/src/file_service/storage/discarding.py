"""Takes back what a request has stored, unless it ends up in rows."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.storage.object_store import ObjectStore, StoreUnavailable
from strongroom.errors import AppError, Unavailable

log = structlog.get_logger()

T = TypeVar("T")


class TookTooLong(AppError):
    """What came first would by now be taken for an orphan, so no row may point at it any more."""

    status = 408
    slug = "took-too-long"
    title = "The upload took too long"


class NewObjects:
    """The keys of one request. An owner's are together, and none is ever given out twice.

    `good_for` is how long an object that is stored may wait for its row, in seconds: well below the grace of the sweep.
    """

    def __init__(self, owner: UUID, good_for: float, clock: Callable[[], float]) -> None:
        self._owner = owner
        self._good_for = good_for
        self._clock = clock
        self._first_stored_at = math.inf
        self._keep = False
        self._keys: list[str] = []

    def new_key(self) -> str:
        self._keys.append(f"{self._owner}/{uuid7()}")
        return self._keys[-1]

    def stored(self) -> None:
        """To be called whenever the bytes of a key are in the store."""
        self._first_stored_at = min(self._first_stored_at, self._clock())

    async def recorded(self, recording: Coroutine[Any, Any, T]) -> T:
        """Waits for the transaction that makes rows of the objects.

        Only where that was refused are they taken back. If the database or the client went in the middle, it may have
        been committed all the same; then they stay, and the sweep of orphans finds out. Raises TookTooLong.
        """
        if self._clock() - self._first_stored_at > self._good_for:
            recording.close()
            raise TookTooLong
        self._keep = True
        try:
            return await recording
        except Unavailable:
            raise
        except AppError:
            self._keep = False
            raise

    @property
    def doomed(self) -> list[str]:
        return [] if self._keep else self._keys


class Arrivals:
    """Where new objects come from. `good_for` is in seconds."""

    def __init__(self, store: ObjectStore, *, good_for: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._good_for = good_for
        self._clock = clock

    @asynccontextmanager
    async def of(self, owner: UUID) -> AsyncIterator[NewObjects]:
        objects = NewObjects(owner, self._good_for, self._clock)
        try:
            yield objects
        finally:
            if objects.doomed:
                # Shielded: the client being gone is a usual reason to be here.
                await asyncio.shield(self._discard(objects.doomed))

    async def _discard(self, keys: list[str]) -> None:
        try:
            await self._store.delete(keys)
        except StoreUnavailable as error:
            log.warning("objects.orphaned", keys=keys, exc_info=error)
