"""The passage of a text that tells its encoding: what comes before is ASCII, and the same in almost all of them."""

import re
from typing import BinaryIO

_LENGTH = 64 * 1024
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")


def telling_passage(stream: BinaryIO) -> tuple[bytes, bool]:
    """Begins with a line; and whether the stream ends with it. All of a stream is read that is ASCII."""
    start = 0
    while piece := stream.read(_LENGTH):
        if not start and b"\0" in piece:  # UTF-16, which cannot be entered anywhere
            break
        if found := _BEYOND_ASCII.search(piece):
            start += piece.rfind(b"\n", 0, found.start()) + 1
            break
        start += len(piece)
    stream.seek(start)
    return stream.read(_LENGTH), not stream.read(1)
