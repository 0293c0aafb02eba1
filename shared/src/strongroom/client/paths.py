"""Decides which names that come from outside may become addresses here, or files on this machine."""

import re
import sys
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_OF_WINDOWS = re.compile(
    r"""[<>:"|?*]|[. ]$|^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)""", re.IGNORECASE
)


def normal(path: str) -> str:
    """As Strongroom has paths: in NFC. What comes from a macOS file system may be in NFD."""
    return unicodedata.normalize("NFC", path)


def quoted(path: str) -> str:
    """A path in the owner's tree as part of an address. Raises ValueError for one that no file can have."""
    if not path or any(segment in {"", ".", ".."} for segment in path.split("/")):
        raise ValueError(f"not a path of a file: {path!r}")
    return quote(path, safe="/")


def place_below(folder: Path, name: str) -> Path:
    """Where a file of that path goes below `folder`. Raises ValueError for one that could be anywhere else.

    The names come from the server, which is not to be able to choose which files of this machine are written: neither
    by `..` nor by an absolute path, a drive, a device's name, or a link that is in the way.
    """
    segments = name.split("/")
    for segment in segments:
        if segment in {"", ".", ".."} or "\\" in segment or any(ord(one) < 32 for one in segment):
            raise ValueError(f"not a name for a file: {name!r}")
        if PureWindowsPath(segment).drive or PurePosixPath(segment).is_absolute():
            raise ValueError(f"not a name for a file: {name!r}")
        if sys.platform == "win32" and means_something_to_windows(segment):
            raise ValueError(f"not a name for a file on Windows: {name!r}")
    place = folder.joinpath(*segments)
    if not place.parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"not below the folder: {name!r}")
    return place


def means_something_to_windows(segment: str) -> bool:
    """A device, a stream of another file, or a name that it would shorten to that of another."""
    return _OF_WINDOWS.search(segment) is not None
