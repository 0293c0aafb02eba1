"""Measures bytes on their way to the store: how many, and their checksums."""

import zlib
from collections.abc import AsyncIterable, AsyncIterator
from hashlib import sha256

from file_service.uploads.digests import Digests
from file_service.uploads.errors import FileTooLarge
from file_service.usage.errors import QuotaExceeded


class Allowance:
    """How many bytes may come: as many as a file may have, and as many as the quota leaves."""

    def __init__(self, *, largest: int, left: int) -> None:
        self._largest = largest
        self._left = left
        self._taken = 0

    def require(self, size: int) -> None:
        """For one file, beside those taken. Raises FileTooLarge, QuotaExceeded."""
        if size > self._largest:
            raise FileTooLarge(f"A file has at most {self._largest} bytes")
        if self._taken + size > self._left:
            raise QuotaExceeded(self._left)

    def take(self, size: int) -> None:
        self._taken += size


class Measured:
    """Passes `chunks` on, once. Raises what `allowance` does as soon as too many came, DigestMismatch at the end."""

    def __init__(self, chunks: AsyncIterable[bytes], allowance: Allowance, digests: Digests) -> None:
        self._chunks = chunks
        self._allowance = allowance
        self._digests = digests
        self._sha256 = sha256()
        self.crc32 = 0
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        hashes = self._digests.hashes()
        # The end is held back until it is known to be right: with it a store has all that was announced, and keeps it.
        held = b""
        async for chunk in self._chunks:
            if not chunk:  # how a request's stream ends: it must not push out what is held
                continue
            self.size += len(chunk)
            self._allowance.require(self.size)
            self._sha256.update(chunk)
            self.crc32 = zlib.crc32(chunk, self.crc32)
            for one in hashes.values():
                one.update(chunk)
            if held:
                yield held
            held = chunk
        self._digests.check(hashes)
        if held:
            yield held

    @property
    def sha256(self) -> bytes:
        """Of what has passed so far."""
        return self._sha256.digest()
