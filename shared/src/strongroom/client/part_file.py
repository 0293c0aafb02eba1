"""A download that is not whole yet: the bytes in `….strongroom-part`, and in `….strongroom-part.json` which of them
are there."""

import errno
import hashlib
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from strongroom.client.representations import Representation
from strongroom.client.spans import Span, Spans
from strongroom.client.wire import Wire

# A name that nothing else has: browsers leave `….part` behind, which may be in the same folder.
_SUFFIX = ".strongroom-part"
_READ = 1024 * 1024


class _State(Wire):
    etag: str
    size: int
    sha256: str
    spans: Sequence[Span]


class PartFile:
    """Its methods block: they are called in threads, several at a time. All raise OSError.

    What it says of itself is never ahead of the bytes, so another process can go on with it. After a power cut it may
    be, which the SHA-256 shows. Only one at a time, of all processes, brings something to the same place.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._part = place.with_name(f"{place.name}{_SUFFIX}")
        self._about = place.with_name(f"{place.name}{_SUFFIX}.json")
        self._lock = threading.Lock()
        self._noting = threading.Lock()
        self._digesting = threading.Lock()
        self._hash: Any = hashlib.sha256()
        self._hashed = 0
        self.spans = Spans()
        self.went_on = False  # with what an earlier call left

    def open(self, wanted: Representation) -> None:
        """With what is there of it already. Raises BlockingIOError where somebody else is at it, and FileExistsError
        where it would take the place of a folder, a pipe or a device.
        """
        if self._place.exists() and not self._place.is_file():
            raise FileExistsError(errno.EEXIST, "what is here is no file", str(self._place))
        self._wanted = wanted
        self._hash, self._hashed = hashlib.sha256(), 0
        self._file = _opened(self._part, os.O_RDWR)  # nothing is cut off that may still be good
        try:
            self._lock_out_others()
            self.spans = Spans(self._known(wanted))
            self.went_on = self.spans.total > 0
            if not self.went_on:
                self._file.truncate(0)
        except BaseException:
            self._file.close()
            raise

    def _lock_out_others(self) -> None:
        _lock(self._file, self._part)
        # Whoever had it until now may have renamed it: then what is open here is what they fetched.
        if not os.path.samestat(os.fstat(self._file.fileno()), self._part.lstat()):
            raise BlockingIOError(None, "something else is being fetched to here", str(self._part))

    def _known(self, wanted: Representation) -> Sequence[Span]:
        try:
            state = _State.model_validate_json(self._about.read_bytes())
            length = self._part.stat().st_size
        except (FileNotFoundError, ValidationError):
            return ()
        same = (state.etag, state.size, state.sha256) == (wanted.etag, wanted.size, wanted.sha256)
        sound = all(0 <= start < end <= min(length, wanted.size) for start, end in state.spans)
        return state.spans if same and sound else ()

    def write(self, start: int, content: bytes | bytearray) -> None:
        with self._lock:
            self._file.seek(start)
            left = memoryview(content)
            while left:
                left = left[self._file.write(left) :]
            self.spans.add(start, start + len(content))

    def note(self) -> None:
        """Which bytes are there, for a later call."""
        known = self._wanted
        with self._noting:
            with self._lock:
                spans = list(self.spans)
            state = _State(etag=known.etag, size=known.size, sha256=known.sha256, spans=spans)
            beside = self._about.with_name(f"{self._about.name}.new")
            with _opened(beside, os.O_WRONLY | os.O_TRUNC) as file:
                file.write(state.model_dump_json().encode())
            beside.replace(self._about)

    def digest_further(self) -> None:
        """Up to where all is there from the beginning on, so that little of it is left to read at the end."""
        with self._digesting, self._part.open("rb", buffering=0) as file:
            end = self.spans.first_gap
            file.seek(self._hashed)
            while self._hashed < end and (piece := file.read(min(_READ, end - self._hashed))):
                self._hash.update(piece)
                self._hashed += len(piece)

    def is_right(self) -> bool:
        self.digest_further()
        return self._hashed == self._wanted.size and self._hash.hexdigest() == self._wanted.sha256

    def close(self) -> None:
        self._file.close()

    def finish(self) -> None:
        """It takes the place of what was there, at once."""
        if sys.platform == "win32":
            self.close()  # or it could not be renamed
        self._part.replace(self._place)
        self._about.unlink(missing_ok=True)

    def discard(self) -> None:
        if sys.platform == "win32":
            self.close()
        for one in (self._part, self._about):
            with suppress(FileNotFoundError):
                one.unlink()


def _opened(path: Path, flags: int) -> FileIO:
    """Made if it is not there. Nobody else's link to another place is followed."""
    flags |= os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return FileIO(os.open(path, flags, 0o666), "r+" if flags & os.O_RDWR else "w")


def _lock(file: FileIO, path: Path) -> None:
    """Until it is closed. Raises BlockingIOError where somebody else has it."""
    if sys.platform == "win32":
        return  # nothing that another has open can be renamed there
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BlockingIOError(error.errno, "something else is being fetched to here", str(path)) from error
    except OSError:
        return  # there are file systems without locks
