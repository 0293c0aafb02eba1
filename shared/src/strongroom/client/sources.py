"""What can be uploaded, read in chunks and in threads."""

import asyncio
import io
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeGuard

from strongroom.client.errors import SourceChanged

Source = Path | bytes | BinaryIO | AsyncIterable[bytes] | Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a local file is known by again: its path, its size in bytes, and when it was changed last (ns).

    `touched_at` cannot be set back, as copying programs set `changed_at`; but a new name or mode moves it too, so what
    differs in nothing else is equal.
    """

    path: Path
    size: int
    changed_at: int
    touched_at: int = field(compare=False)

    @classmethod
    def of(cls, path: Path) -> "Fingerprint":
        """Blocks. Raises OSError."""
        found = path.stat()
        return cls(path.resolve(), found.st_size, found.st_mtime_ns, found.st_ctime_ns)


async def size_of(source: Source) -> int | None:
    """In bytes, from where a file is; None where that shows only at its end. Raises OSError."""
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, Path):
        return (await asyncio.to_thread(source.stat)).st_size if await asyncio.to_thread(source.is_file) else None
    return await asyncio.to_thread(_left, source) if _is_file(source) else None


async def chunked(source: Source, size: int) -> AsyncIterator[bytes]:
    """All of it, each chunk but the last of exactly `size` bytes. Raises OSError, SourceChanged."""
    if isinstance(source, bytes):
        for start in range(0, len(source), size):
            yield source[start : start + size]
    elif isinstance(source, Path):
        async for chunk in _of_path(source, size):
            yield chunk
    elif _is_file(source):
        async for chunk in _of_file(source, size):
            yield chunk
    elif not isinstance(source, BinaryIO):  # which mypy cannot tell from what was looked at before
        async for chunk in _gathered(_pieces(source), size):
            yield chunk


async def _of_path(path: Path, size: int) -> AsyncIterator[bytes]:
    before = await asyncio.to_thread(_known, path)
    with await asyncio.to_thread(path.open, "rb") as file:
        async for chunk in _of_file(file, size):
            yield chunk
    if await asyncio.to_thread(_known, path) != before:
        raise SourceChanged(f"{path} was changed while it was uploaded")


def _known(path: Path) -> Fingerprint | None:
    """None for a pipe, of which there is nothing to know again."""
    return Fingerprint.of(path) if path.is_file() else None


async def _of_file(file: BinaryIO, size: int) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(_read, file, size):
        yield chunk


async def _pieces(source: AsyncIterable[bytes] | Iterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(source, AsyncIterable):
        async for piece in source:
            yield piece
        return
    iterator = iter(source)
    while (following := await asyncio.to_thread(_next, iterator)) is not None:
        yield following


async def _gathered(pieces: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    gathered = bytearray()
    async for piece in pieces:
        view = memoryview(piece)
        while view:
            taken = view[: size - len(gathered)]
            gathered += taken
            view = view[len(taken) :]
            if len(gathered) == size:
                yield bytes(gathered)
                gathered = bytearray()
    if gathered:
        yield bytes(gathered)


def _is_file(source: object) -> TypeGuard[BinaryIO]:
    return hasattr(source, "read")


def _read(file: BinaryIO, size: int) -> bytes:
    """A pipe gives what it has: so as often as it takes."""
    chunk = file.read(size)
    if not chunk or len(chunk) == size:
        return chunk
    gathered = bytearray(chunk)
    while len(gathered) < size and (chunk := file.read(size - len(gathered))):
        gathered += chunk
    return bytes(gathered)


def _next(iterator: Iterator[bytes]) -> bytes | None:
    return next(iterator, None)


def _left(file: BinaryIO) -> int | None:
    try:
        here = file.tell()
        end = file.seek(0, os.SEEK_END)
        file.seek(here)
    except (OSError, io.UnsupportedOperation, AttributeError):
        return None
    return end - here
