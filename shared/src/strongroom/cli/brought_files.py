"""Knows again what was brought here, also by another name: Windows and macOS take `A` and `a` for one file."""

from contextlib import suppress
from pathlib import Path


class BroughtFiles:
    """By device and inode."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def add(self, place: Path) -> None:
        with suppress(FileNotFoundError):  # somebody may have waited for it, and taken it away
            found = place.lstat()
            if found.st_nlink == 1:  # where it has several names, each can be replaced by itself
                self._known.add((found.st_dev, found.st_ino))

    def __contains__(self, place: Path) -> bool:
        try:
            found = place.lstat()
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) in self._known
