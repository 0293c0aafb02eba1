"""The zip that a document is: checked before anything is unpacked, and never read beyond what it declares."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from file_service.parsers.contract import Refused, Source

MIB: Final = 1024 * 1024
_ENTRIES: Final = 10_000
_DIRECTORY: Final = 2 * MIB  # of which 10,000 entries take a half, usually
_ENTRY: Final = 128 * MIB
_ALL: Final = 256 * MIB
_UNSUSPICIOUS: Final = 16 * MIB  # unpacked; above it, what is packed more tightly than this many times is a bomb:
_RATIO: Final = 200

_ENCRYPTED: Final = 0x1
# What `zipfile` raises for an archive that is not as it says: RuntimeError for what is encrypted or packed in a way of
# which it knows nothing, OSError where it seeks to before the beginning.
_BROKEN: Final = (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError)


class Archive:
    """`names` are the parts that there are."""

    def __init__(self, zipped: ZipFile) -> None:
        self._zipped = zipped
        self.names = frozenset(zipped.namelist())

    def size(self, name: str) -> int:
        """In bytes, unpacked, as declared."""
        return self._zipped.getinfo(name).file_size

    @contextmanager
    def part(self, name: str) -> Iterator["Part"]:
        """From its beginning. Raises Refused where it is missing."""
        if name not in self.names:
            raise Refused("broken", "A part of the document is missing")
        with _translated():
            stream = self._zipped.open(name)
        with stream:
            yield Part(stream)


class Part:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Raises Refused where the part turns out to be other than declared."""
        with _translated():
            return self._stream.read(size)


@contextmanager
def opened(source: Source) -> Iterator[Archive]:
    """Raises Refused for what is no zip, is encrypted, has more than 10,000 entries, or unpacks to more than 256 MiB,
    128 MiB in one entry, or 200 times its size."""
    with source.open() as file:
        guarded = _Guarded(file)
        with _translated():
            zipped = ZipFile(cast("BinaryIO", guarded))
        guarded.most = None
        _check(zipped.infolist(), source.size)
        yield Archive(zipped)


class _Guarded:
    """zipfile reads the whole directory at once, however large it says that it is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.most: int | None = _DIRECTORY
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if self.most is not None and size > self.most:
            raise Refused("too-large", "The document has too many entries")
        return self._file.read(size)


def _check(entries: list[ZipInfo], size: int) -> None:
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refused("encrypted", "The document can be read only with a password")
    if any(entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise Refused("unsupported", "The file is packed by a method that documents do not use")
    if sum(entry.compress_size for entry in entries) > size:
        raise Refused("broken", "The document's entries overlap")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _ENTRIES:
        raise Refused("too-large", "The document has too many entries")
    if unpacked > _ALL or any(entry.file_size > _ENTRY for entry in entries):
        raise Refused("too-large", "The document unpacks to more than can be read")
    if unpacked > max(_UNSUSPICIOUS, _RATIO * size):
        raise Refused("too-large", "The document unpacks to too many times its size")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise Refused("broken", "The document is broken or cut off") from error
