"""Lists of objects, in the order of their keys: what a snapshot needs of the store, and what a repository keeps."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from strongroom_backup.errors import Damaged
from strongroom_backup.packed import Packed, unpacked_lines

# The owner and the object, so that a key is a safe place below a folder too.
_KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-f-]{36}")
_FALSE, _TRUE = "f", "t"  # as PostgreSQL writes them


@dataclass(frozen=True, slots=True)
class Wanted:
    """What rows say of an object. `is_faulty`: it is no surprise if the store lacks it, or has other bytes."""

    key: str
    size: int | None
    sha256: str | None
    is_faulty: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """An object in a repository. `size` is in bytes."""

    key: str
    size: int
    sha256: str

    @property
    def line(self) -> bytes:
        return f"{self.key}\t{self.size}\t{self.sha256}\n".encode()


def wanted_in(path: Path, packed: Packed) -> Iterator[Wanted]:
    """As PostgreSQL's COPY has written them. Raises Damaged."""
    for line in unpacked_lines(path, packed):
        key, size, sha256, faulty = (None if field == r"\N" else field for field in line.split("\t"))
        if key is None or not _KEY.fullmatch(key) or faulty not in {_FALSE, _TRUE}:
            raise Damaged(f"The database points at an object with the key {key!r}, which is none of Strongroom's")
        yield Wanted(key, None if size is None else int(size), sha256, faulty == _TRUE)


def kept_in(path: Path, packed: Packed) -> Iterator[Kept]:
    """Raises Damaged."""
    for line in unpacked_lines(path, packed):
        fields = line.split("\t")
        if len(fields) != len(Kept.__slots__) or not _KEY.fullmatch(fields[0]) or not fields[1].isdecimal():
            raise Damaged(f"{path} is not what was written there")
        yield Kept(fields[0], int(fields[1]), fields[2])


class Lookup:
    """Finds objects in a list by their keys, which must be asked for in ascending order: nothing is kept in memory."""

    def __init__(self, kept: Iterable[Kept]) -> None:
        self._kept = iter(kept)
        self._next = next(self._kept, None)

    def find(self, key: str) -> Kept | None:
        while self._next is not None and self._next.key < key:
            self._next = next(self._kept, None)
        return self._next if self._next is not None and self._next.key == key else None
