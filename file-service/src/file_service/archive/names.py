"""Gives files of different folders names that can lie side by side."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from file_service.files.names import name_key
from file_service.files.paths import LONGEST_SEGMENT


def distinct(names: Sequence[str]) -> list[str]:
    """The second `name.txt` becomes `name (2).txt`, unless that is taken too.

    Names that differ only in case are the same name on many systems, so here too.
    """
    taken = {name_key(name) for name in names}
    counts: dict[str, int] = {}
    return [_next(name, taken, counts) for name in names]


def _next(name: str, taken: set[str], counts: dict[str, int]) -> str:
    key = name_key(name)
    count = counts[key] = counts.get(key, 0) + 1
    if count == 1:
        return name
    while name_key(numbered := numbered_name(name, count)) in taken:
        count += 1
    counts[key] = count
    taken.add(name_key(numbered))
    return numbered


def numbered_name(name: str, number: int) -> str:
    """`name (2).txt`, not longer than a name may be."""
    path = PurePosixPath(name)
    ending = f" ({number}){path.suffix}"
    room = LONGEST_SEGMENT - len(ending.encode())
    return path.stem.encode()[:room].decode(errors="ignore") + ending
