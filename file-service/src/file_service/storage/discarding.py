"""Takes back what a request has stored, unless it ends up in rows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.storage.object_store import ObjectStore, StoreUnavailable
from strongroom.errors import AppError, Unavailable

log = structlog.get_logger()

T = TypeVar("T")


class NewObjects:
    """The keys of one request. An owner's are together, and none is ever given out twice."""

    def __init__(self, owner: UUID) -> None:
        self._owner = owner
        self._keep = False
        self._keys: list[str] = []

    def new_key(self) -> str:
        self._keys.append(f"{self._owner}/{uuid7()}")
        return self._keys[-1]

    async def recorded(self, recording: Awaitable[T]) -> T:
        """Waits for the transaction that makes rows of the objects.

        Only where that was refused are they taken back. If the database or the client went in the middle, it may have
        been committed all the same; then they stay, and the sweep of orphans finds out.
        """
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


@asynccontextmanager
async def new_objects(store: ObjectStore, owner: UUID) -> AsyncIterator[NewObjects]:
    objects = NewObjects(owner)
    try:
        yield objects
    finally:
        if objects.doomed:
            # Shielded: the client being gone is a usual reason to be here.
            await asyncio.shield(_discard(store, objects.doomed))


async def _discard(store: ObjectStore, keys: list[str]) -> None:
    try:
        await store.delete(keys)
    except StoreUnavailable as error:
        log.warning("objects.orphaned", keys=keys, exc_info=error)
