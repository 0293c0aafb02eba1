"""Compressed files of lines whose hash is known, of their bytes as they lie on the disk: any change is noticed."""

import os
import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict

from strongroom_backup.errors import Damaged
from strongroom_backup.private_files import open_private

_GZIP = 31  # zlib's word for gzip's header and the largest window
_PIECE = 256 * 1024


class Packed(BaseModel):
    """`size` is in bytes, compressed."""

    model_config = ConfigDict(frozen=True)

    lines: int
    size: int
    sha256: str


class PackedWriter:
    """Inside `with`; `packed` is what was written, and is on the disk by then."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(open_private(path), "wb")
        self._zip = zlib.compressobj(level=1, wbits=_GZIP)
        self._digest = sha256()
        self._lines = self._size = 0

    @property
    def packed(self) -> Packed:
        return Packed(lines=self._lines, size=self._size, sha256=self._digest.hexdigest())

    async def write(self, data: bytes) -> None:
        """Asynchronous only because that is what PostgreSQL's COPY calls."""
        self.add(data)

    def add(self, data: bytes) -> None:
        self._lines += data.count(b"\n")
        self._put(self._zip.compress(data))

    def _put(self, piece: bytes) -> None:
        self._digest.update(piece)
        self._size += len(piece)
        self._file.write(piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._put(self._zip.flush())
                self._file.flush()
                os.fsync(self._file.fileno())


def unpacked(path: Path, packed: Packed) -> Iterator[bytes]:
    """What was written, in pieces. Raises Damaged at the first sign that it is not that, at the latest at the end."""
    digest, unzip, lines = sha256(), zlib.decompressobj(wbits=_GZIP), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                while piece:
                    data = unzip.decompress(piece, _PIECE)
                    lines += data.count(b"\n")
                    yield data
                    piece = unzip.unconsumed_tail
    except (OSError, zlib.error) as error:
        raise Damaged(f"{path} cannot be read: {error}") from error
    if (digest.hexdigest(), lines, unzip.eof) != (packed.sha256, packed.lines, True):
        raise Damaged(f"{path} is not what was written there")


def unpacked_lines(path: Path, packed: Packed) -> Iterator[str]:
    """Without their ends. Raises Damaged, as `unpacked` does."""
    rest = b""
    for piece in unpacked(path, packed):
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
