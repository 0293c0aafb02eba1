"""What there is on this machine to be put, and whether it is the same as what is there already."""

import asyncio
import os
import stat
from collections.abc import Callable, Iterator
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


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or a folder that nothing can be known of."""

    source: Path
    error: OSError

    def __str__(self) -> str:
        return str(self.source)


Skipped = Callable[[Path, str], None]


def found(source: str, target: str, skipped: Skipped) -> Iterator[Found | Unreadable]:
    """A file, or all files below a folder in the order of their names. Raises OSError where `source` is out of reach.

    `skipped` is told of what is no file, and why. Links to folders are not followed: they may lead in circles, or out.
    """
    root = Path(source)
    if not root.is_dir():
        yield Found(root, target, root.stat().st_size if root.exists() else 0)
        return
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unlisted.append):
        yield from _taken(unlisted)
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            one = _looked_at(path, f"{target}/{path.relative_to(root).as_posix()}", skipped)
            if one is not None:
                yield one
        for name in folders:
            if (path := Path(folder, name)).is_symlink():
                skipped(path, "a link to a folder")
    yield from _taken(unlisted)


def _taken(unlisted: list[OSError]) -> Iterator[Unreadable]:
    while unlisted:
        error = unlisted.pop(0)
        yield Unreadable(Path(error.filename), error)


def _looked_at(path: Path, target: str, skipped: Skipped) -> Found | Unreadable | None:
    try:
        known = path.stat()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and path.is_symlink():
            skipped(path, "a link that leads nowhere")
            return None
        return Unreadable(path, error)
    if not stat.S_ISREG(known.st_mode):
        skipped(path, "not a file")
        return None
    return Found(path, target, known.st_size)


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
