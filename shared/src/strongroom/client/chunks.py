"""Chunks with their checksums, one read ahead while another is sent."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from strongroom.client.errors import SourceChanged


@dataclass(frozen=True, slots=True)
class Chunk:
    """`checksum` is its SHA-256, `so_far` that of everything up to its end; `start` is where it begins in the whole."""

    content: bytes = field(repr=False)
    checksum: bytes
    so_far: bytes
    start: int
    is_last: bool

    @classmethod
    def nothing(cls) -> "Chunk":
        nothing = hashlib.sha256().digest()
        return cls(b"", nothing, nothing, 0, is_last=True)

    @property
    def end(self) -> int:
        return self.start + len(self.content)

    def behind(self, offset: int) -> "Chunk":
        """What of it is there from `offset` on."""
        if offset == self.start:
            return self
        rest = self.content[offset - self.start :]
        return Chunk(rest, hashlib.sha256(rest).digest(), self.so_far, offset, self.is_last)


async def hashed(chunks: AsyncIterator[bytes], size: int | None) -> AsyncGenerator[Chunk, None]:
    """Two of them are in memory at a time. `size` is that of the whole, where it is known.

    Raises SourceChanged before the last one, where the source turns out to have another size.
    """
    start = 0
    whole = hashlib.sha256()
    following = asyncio.create_task(_next(chunks, whole))
    try:
        while (current := await following) is not None:
            following = asyncio.create_task(_next(chunks, whole))
            content, checksum, so_far = current
            end = start + len(content)
            # Of an unknown size the end shows only when nothing follows; of a known one, there may be more after all.
            is_last = (size is None or end >= size) and await following is None
            if size is not None and (end > size or (end == size and not is_last)):
                raise SourceChanged("The source is larger than it was")
            yield Chunk(content, checksum, so_far, start, is_last)
            start = end
        if size is not None and start < size:
            raise SourceChanged("The source is smaller than it was")
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def _next(chunks: AsyncIterator[bytes], whole: Any) -> tuple[bytes, bytes, bytes] | None:
    content = await anext(chunks, None)
    return None if content is None else await asyncio.to_thread(_digested, content, whole)


def _digested(content: bytes, whole: Any) -> tuple[bytes, bytes, bytes]:
    whole.update(content)
    return content, hashlib.sha256(content).digest(), whole.copy().digest()
