"""What the stores write to: small disks that can be filled to the last byte, or whatever there is."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_BLOCK = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class Disks:
    """Folders. `why_not_small` is None if each is a disk of its own that may be filled."""

    database: Path
    objects: Path
    why_not_small: str | None = "they are not to be"


@contextmanager
def small_disks(folder: Path, mebibytes: int) -> Iterator[Disks]:
    """In memory; where they cannot be mounted, folders."""
    mounted: list[Path] = []
    why_not = None
    database, objects = folder / "database", folder / "objects"
    try:
        for place in (database, objects):
            place.mkdir()
            why_not = why_not or _mount(place, mebibytes)
            if why_not is None:
                mounted.append(place)
        yield Disks(database, objects, why_not)
    finally:
        for place in mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def _mount(place: Path, mebibytes: int) -> str | None:
    """Why it could not be."""
    options = f"size={mebibytes}m,mode=755"
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True, capture_output=True)
    except OSError as error:
        return str(error)
    except subprocess.CalledProcessError as error:
        return str(error.stderr.decode().strip())
    return None


def fill(disk: Path) -> None:
    """Until nothing more can be written."""
    with suppress(OSError), _filler(disk).open("ab", buffering=0) as file:
        while file.write(_BLOCK) == len(_BLOCK):
            pass


def empty(disk: Path) -> None:
    """As it was before `fill`."""
    _filler(disk).unlink(missing_ok=True)


def _filler(disk: Path) -> Path:
    return disk / "filler"
