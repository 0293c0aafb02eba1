"""Decides which paths a file may have in its owner's tree."""

import sys
import unicodedata
from urllib.parse import unquote_to_bytes

from file_service.files.errors import InvalidPath

LONGEST_SEGMENT = 255
LONGEST_PATH = 1024
_FIRST_SURROGATE, _BEHIND_SURROGATES = 0xD800, 0xE000


def parse_path(text: str) -> str:
    """The path in NFC, its segments separated by `/`. Raises InvalidPath with the reason.

    A segment is 1 to 255 bytes of UTF-8 and neither `.` nor `..`; a path is at most 1,024 bytes. There is no leading
    slash, no backslash, no control character and no lone surrogate: what is stored can be a file on any system, a
    header and a zip entry.
    """
    path = unicodedata.normalize("NFC", text)
    if not path:
        raise InvalidPath("The name is empty")
    if path.startswith("/"):
        raise InvalidPath("A path does not begin with a slash")
    if "\\" in path:
        raise InvalidPath("Folders are separated by /, not by a backslash")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in path):
        raise InvalidPath("A path has no control characters")
    if len(path.encode()) > LONGEST_PATH:
        raise InvalidPath(f"A path has at most {LONGEST_PATH} bytes")
    for segment in path.split("/"):
        _check_segment(segment)
    return path


def _check_segment(segment: str) -> None:
    if not segment:
        raise InvalidPath("A folder or file name is empty")
    if segment in {".", ".."}:
        raise InvalidPath("A path has no . or .. in it")
    if len(segment.encode()) > LONGEST_SEGMENT:
        raise InvalidPath(f"A folder or file name has at most {LONGEST_SEGMENT} bytes")


def path_as_sent(raw_path: bytes, *, behind: int) -> str:
    """What a request's path has behind so many segments, decoded but not judged. Raises InvalidPath if it is not UTF-8.

    The server replaces what is not, so that two names could become one.
    """
    encoded = raw_path.split(b"/", behind + 1)[behind + 1]
    try:
        return unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError as error:
        raise InvalidPath("A path is UTF-8") from error


def filename(path: str) -> str:
    return path.rpartition("/")[2]


def behind_prefix(prefix: str) -> str:
    """The smallest text behind every one with that prefix, in the order of code points; empty if there is none."""
    for end in range(len(prefix) - 1, -1, -1):
        following = ord(prefix[end]) + 1
        if following == _FIRST_SURROGATE:
            following = _BEHIND_SURROGATES
        if following <= sys.maxunicode:
            return prefix[:end] + chr(following)
    return ""


def sibling(path: str, name: str) -> str:
    """The path of a file of that name in the same folder. Raises InvalidPath."""
    if "/" in name:
        raise InvalidPath("A filename has no slash in it")
    return parse_path(path.removesuffix(filename(path)) + name)


def parse_folder(text: str) -> str:
    """The path of a folder, which may end with a slash, without it. Raises InvalidPath."""
    return parse_path(text.removesuffix("/"))
