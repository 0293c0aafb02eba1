"""A parser's end of the pipes to the service."""

import errno
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from file_service.parsers import frames

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_READ_AHEAD = 1024 * 1024


class Channel:
    """The wire, in whole frames. Before each that it says it does what `before` is."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO, before: Callable[[], None]) -> None:
        self._in = incoming
        self._out = outgoing
        self._before = before

    def say(self, kind: bytes, payload: bytes | memoryview) -> None:
        self._before()
        self._out.write(frames.HEAD.pack(kind, len(payload)))
        self._out.write(payload)
        self._out.flush()

    def say_json(self, kind: bytes, value: object) -> None:
        self.say(kind, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))

    def hear(self, kind: bytes) -> bytes:
        """Ends the process when the service has gone."""
        head = self._in.read(frames.HEAD.size)
        if len(head) < frames.HEAD.size:
            sys.exit(0)
        said, length = frames.HEAD.unpack(head)
        assert said == kind
        return self._in.read(length)


class RemoteSource:
    """The file, which the service reads out of the store."""

    def __init__(self, channel: Channel, size: int) -> None:
        self._channel = channel
        self.size = size

    def open(self) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_RemoteFile(self._channel, self.size), _READ_AHEAD))


class _RemoteFile(io.RawIOBase):
    def __init__(self, channel: Channel, size: int) -> None:
        self._channel = channel
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "before the beginning of the file")  # as files on disk do
        self._at = base + offset
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._size - self._at, frames.LONGEST)
        if wanted <= 0:
            return 0
        self._channel.say(frames.READ, frames.RANGE.pack(self._at, wanted))
        data = self._channel.hear(frames.BYTES)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class RemoteOutput:
    """What is derived, on its way to the service."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    @contextmanager
    def object(self, name: str, content_type: str) -> Iterator["_RemoteObject"]:
        self._channel.say_json(frames.OBJECT, {"name": name, "content_type": content_type})
        written = _RemoteObject(self._channel)
        yield written
        written.close()

    def passage(self, page: int, text: str) -> None:
        self._channel.say_json(frames.PASSAGE, {"page": page, "text": text})


class _RemoteObject:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._is_whole = False

    def close(self) -> None:
        self._is_whole = True
        self._channel.say(frames.CLOSE, b"")

    def write(self, data: Any) -> int:
        assert not self._is_whole
        view = memoryview(data).cast("B")
        for start in range(0, len(view), frames.LONGEST):
            self._channel.say(frames.DATA, view[start : start + frames.LONGEST])
        return len(view)
