"""What there is on this machine to be put, and whether it is the same as what is there already."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from strongroom.client import File

_PIECE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is where it goes."""

    source: Path
    path: str
    size: int

    def __str__(self) -> str:
        return str(self.source)


def found(source: str, target: str) -> Iterator[Found]:
    """A file, or all files below a folder in the order of their names. Links to folders are not followed: they may
    lead in circles, or out. Raises OSError.
    """
    root = Path(source)
    if not root.is_dir():
        yield Found(root, target, root.stat().st_size if root.exists() else 0)
        return
    for folder, folders, names in os.walk(root, onerror=_fail):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file():
                yield Found(path, f"{target}/{path.relative_to(root).as_posix()}", path.stat().st_size)


async def is_same(source: Path, there: File) -> bool:
    """By size and SHA-256. A pipe or a device never is: what is read of it is gone, or has no end."""
    if not await asyncio.to_thread(source.is_file):
        return False
    try:
        with await asyncio.to_thread(source.open, "rb") as file:
            return os.fstat(file.fileno()).st_size == there.size and await _sha256(file) == there.sha256
    except FileNotFoundError:
        return False


async def _sha256(file: BinaryIO) -> str:
    """Piece by piece: Ctrl-C waits for a thread, which is not to read a whole film first."""
    digest = sha256()

    def step() -> bool:
        piece = file.read(_PIECE)
        digest.update(piece)
        return bool(piece)

    while await asyncio.to_thread(step):
        pass
    return digest.hexdigest()


def _fail(error: OSError) -> None:
    raise error
