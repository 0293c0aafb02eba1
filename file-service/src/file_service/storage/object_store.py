"""The port to the object store: what the service needs of it, and what it may rely on."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from strongroom.errors import AppError, Unavailable


class StoreUnavailable(Unavailable):
    """The store does not answer, or answered that it cannot just now."""

    slug = "store-unavailable"
    title = "The object store does not answer"


class ObjectMissing(AppError):
    """A row points at an object that the store does not have. That is our fault, so it is a 500 and never a 404."""

    slug = "object-missing"
    title = "The stored bytes of this file are missing"


class WrongSize(AppError):
    """A stream was announced with another size than it had."""

    slug = "wrong-size"
    title = "More or fewer bytes came than were announced"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """`size` is in bytes."""

    key: str
    size: int
    stored_at: datetime


class ObjectStore(Protocol):
    """Keys are ours and unguessable; an object never changes once it is there. All can raise StoreUnavailable."""

    async def put(self, key: str, chunks: AsyncIterable[bytes], *, size: int | None = None) -> None:
        """Store the whole stream or nothing: if `chunks` raises or the caller is cancelled, no object or part remains.

        `size` is the exact number of bytes to come, where it is known; the store then needs no buffer. Raises WrongSize
        if another number comes.
        """
        ...

    def get(
        self, key: str, *, start: int = 0, length: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The object's bytes, in pieces: all of them, or `length` from `start` on, which must lie inside it.

        Entering finds it or raises ObjectMissing; leaving frees the connection.
        """
        ...

    async def copy(self, source: str, target: str) -> None:
        """Copies inside the store; the bytes do not come here. Raises ObjectMissing."""
        ...

    async def page(self, after: str, limit: int) -> Sequence[StoredObject]:
        """Up to `limit` objects in the order of their keys, beginning behind `after`."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete them; those that are not there are fine."""
        ...

    async def ping(self) -> None:
        """Returns if the bucket can be reached with our credentials."""
        ...
