"""Measures bytes on their way to the store: how many, and their SHA-256."""

from collections.abc import AsyncIterable, AsyncIterator
from hashlib import sha256

from file_service.uploads.errors import FileTooLarge


class Measured:
    """Passes `chunks` on, once. Raises FileTooLarge as soon as there are more than `limit` bytes."""

    def __init__(self, chunks: AsyncIterable[bytes], *, limit: int) -> None:
        self._chunks = chunks
        self._limit = limit
        self._hash = sha256()
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                raise FileTooLarge(f"A file has at most {self._limit} bytes")
            self._hash.update(chunk)
            yield chunk

    @property
    def sha256(self) -> bytes:
        """Of what has passed so far."""
        return self._hash.digest()
