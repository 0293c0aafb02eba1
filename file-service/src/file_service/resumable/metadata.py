"""Reads `Upload-Metadata`: what a client says of its file."""

import base64
import binascii
import re

from file_service.files.errors import InvalidPath
from file_service.files.paths import parse_path
from file_service.resumable.errors import MalformedMetadata

_PAIR = re.compile(r"([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/=]*))?")  # no space and no comma in a key


def parse_metadata(header: str | None) -> dict[str, bytes]:
    """The values decoded, by key. Raises MalformedMetadata."""
    found: dict[str, bytes] = {}
    for pair in (header or "").split(",") if (header or "").strip() else ():
        match = _PAIR.fullmatch(pair.strip(" \t"))
        if match is None:
            raise MalformedMetadata
        if match[1] in found:
            raise MalformedMetadata("A key is there twice")
        found[match[1]] = _decoded(match[2] or "")
    return found


def path_in(metadata: dict[str, bytes]) -> str:
    """`path` is the full path; absent, it is the `filename`. Raises InvalidPath, MalformedMetadata."""
    sent = metadata.get("path", metadata.get("filename"))
    if sent is None:
        raise InvalidPath("Upload-Metadata has neither a filename nor a path")
    return parse_path(_text(sent))


def type_in(metadata: dict[str, bytes]) -> str | None:
    return _text(metadata["filetype"]) if "filetype" in metadata else None


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedMetadata("A value is not base64") from error


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedMetadata("Names and types are UTF-8") from error
