"""The console's files, read and compressed once."""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

INDEX = "index.html"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """`etag` is of the plain form, quoted; `compressed` is gzip."""

    content_type: str
    plain: bytes
    compressed: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Assets:
    """`version` is one of all the files together: what came from one process never meets what came from another."""

    version: str
    index: Asset
    files: dict[str, Asset]


def read(folder: Path) -> Assets:
    """Files of other kinds than the console is made of are not served."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES
    }
    version = _digest(b"".join(b"%b\0%d\0%b" % (name.encode(), len(data), data) for name, data in found.items()))
    # In the sources the page names its files where they lie; relative, so that a prefix before it does not matter.
    index = found.pop(INDEX).replace(b'"assets/', b'"console/%b/' % version.encode())
    return Assets(version, _asset(INDEX, index), {name: _asset(name, data) for name, data in found.items()})


def _asset(name: str, data: bytes) -> Asset:
    compressed = gzip.compress(data, compresslevel=9, mtime=0)
    return Asset(_TYPES[Path(name).suffix], data, compressed, f'"{_digest(data)}"')


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:20]
