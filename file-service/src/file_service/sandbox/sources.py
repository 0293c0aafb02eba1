"""What a parser reads: a stored object, a piece at a time."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from file_service.storage.object_store import ObjectStore


class Bytes(Protocol):
    size: int

    async def read(self, start: int, length: int) -> bytes:
        """`length` bytes; fewer only where they end."""
        ...


class HeldBytes:
    """For what is small, and here."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    async def read(self, start: int, length: int) -> bytes:
        return self._data[start : start + length]


class StoredBytes:
    """Whoever reads on where the last piece ended is on a stream from the second piece on."""

    def __init__(self, store: ObjectStore, key: str, size: int) -> None:
        self.size = size
        self._store = store
        self._key = key
        self._next = -1  # where the last piece ended
        self._stream: AsyncIterator[bytes] | None = None
        self._streaming = AsyncExitStack()
        self._held = bytearray()

    async def read(self, start: int, length: int) -> bytes:
        """Raises ObjectMissing, StoreUnavailable."""
        length = max(0, min(length, self.size - start))
        if not length:
            return b""
        if start != self._next:
            await self.aclose()
            piece = await self._piece(start, length)
        else:
            if self._stream is None:
                opened = self._store.get(self._key, start=start, length=self.size - start)
                self._stream = await self._streaming.enter_async_context(opened)
            piece = await self._streamed(length)
        self._next = start + len(piece)
        return piece

    async def aclose(self) -> None:
        self._held.clear()
        self._stream = None
        await self._streaming.aclose()

    async def _piece(self, start: int, length: int) -> bytes:
        async with self._store.get(self._key, start=start, length=length) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def _streamed(self, length: int) -> bytes:
        assert self._stream is not None
        while len(self._held) < length and (chunk := await anext(self._stream, None)) is not None:
            self._held += chunk
        piece = bytes(self._held[:length])
        del self._held[:length]
        return piece


@asynccontextmanager
async def stored_bytes(store: ObjectStore, key: str, size: int) -> AsyncIterator[StoredBytes]:
    source = StoredBytes(store, key, size)
    try:
        yield source
    finally:
        await source.aclose()
