"""Cuts streams of bytes into the parts that multipart uploads consist of."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator

# S3 takes 10,000 parts of at least 5 MiB: this allows 80 GiB.
PART_BYTES = 8 * 1024 * 1024


class Part:
    """Up to `PART_BYTES` of a stream, kept in the pieces it came in so that nothing is copied."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    @property
    def is_full(self) -> bool:
        return self.size == PART_BYTES

    def add(self, piece: bytes) -> tuple[bytes, bytes]:
        """Returns what was taken, and what did not fit."""
        room = PART_BYTES - self.size
        fitting, rest = (piece, b"") if len(piece) <= room else (piece[:room], piece[room:])
        self._pieces.append(fitting)
        self.size += len(fitting)
        return fitting, rest

    def head(self, size: int) -> bytes:
        """The first `size` bytes, or all if there are fewer."""
        found = bytearray()
        for piece in self._pieces:
            if len(found) >= size:
                break
            found += piece[: size - len(found)]
        return bytes(found)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def parts_of(chunks: AsyncIterable[bytes]) -> AsyncGenerator[Part, None]:
    """Full ones, but for the last."""
    part = Part()
    async for chunk in chunks:
        _, rest = part.add(chunk)
        while part.is_full:
            yield part
            part = Part()
            _, rest = part.add(rest)
    if part.size:
        yield part
