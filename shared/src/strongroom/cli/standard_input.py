"""Reads standard input so that Ctrl-C does not wait for whoever writes it."""

import asyncio
import os
import sys
import threading
from collections.abc import AsyncIterator

_PIECE = 256 * 1024
_AHEAD = 8


async def pieces() -> AsyncIterator[bytes]:
    """As they come, a few of them ahead. Raises OSError."""
    loop = asyncio.get_running_loop()
    read: asyncio.Queue[bytes | OSError] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)
    source = sys.stdin.fileno()

    def work() -> None:
        while True:
            room.acquire()
            try:
                piece: bytes | OSError = os.read(source, _PIECE)
            except OSError as error:
                piece = error
            try:
                loop.call_soon_threadsafe(read.put_nowait, piece)
            except RuntimeError:
                return  # nobody is there any more
            if not piece or isinstance(piece, OSError):
                return

    # A daemon, which an interpreter that ends does not wait for: a read that nobody answers cannot be broken off.
    threading.Thread(target=work, name="standard input", daemon=True).start()
    while piece := await read.get():
        if isinstance(piece, OSError):
            raise piece
        yield piece
        room.release()
