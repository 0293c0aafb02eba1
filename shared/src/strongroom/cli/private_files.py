"""Folders and files that only their owner reads."""

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from strongroom.cli.failures import CommandError

_OTHERS = 0o077


class Exposed(CommandError):
    """Somebody else may have read it, or written it."""

    slug = "exposed"


def own_folder(path: Path) -> Path:
    """Made if it is not there. Raises Exposed."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_private(path)
    return path


def require_private(path: Path) -> None:
    """Raises Exposed for what others can read or write; what is not there is nobody's."""
    if sys.platform == "win32":
        return
    with suppress(FileNotFoundError):
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid():
            raise Exposed(f"{path} is not your own: remove it, and sign in again")
        if stat.S_IMODE(found.st_mode) & _OTHERS:
            mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
            raise Exposed(f"{path} can be read by others: chmod {mode} it, or remove it and sign in again")


def write(path: Path, content: str) -> None:
    """All or nothing, with mode 0600."""
    own_folder(path.parent)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}-", delete=False, encoding="utf-8") as file:
        try:
            file.write(content)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
