"""The port to the object store: what the service needs of it, and what it may rely on."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
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


class ObjectStore(Protocol):
    """Keys are ours and unguessable; an object never changes once it is there. All can raise StoreUnavailable."""

    async def put(self, key: str, chunks: AsyncIterable[bytes], *, size: int | None = None) -> None:
        """Store the whole stream or nothing: if `chunks` raises or the caller is cancelled, no object or part remains.

        `size` is the exact number of bytes to come, where it is known; the store then needs no buffer. Raises WrongSize
        if another number comes.
        """
        ...

    def get(self, key: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The object's bytes, in pieces. Entering finds it or raises ObjectMissing; leaving frees the connection."""
        ...

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete them; those that are not there are fine."""
        ...

    async def ping(self) -> None:
        """Returns if the bucket can be reached with our credentials."""
        ...
