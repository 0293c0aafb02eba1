"""Sends and receives large bodies over one connection, one exchange after the other: a process of its own.

It reads the port and a list of `Exchange` as JSON, and prints how long all of them took and the body of the last
answer, if that is small.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import uvloop
from bench.content import BLOCK

_BUFFER = 256 * 1024
_SHOWN = 64 * 1024


@dataclass(frozen=True, slots=True)
class Exchange:
    """`head` is the request up to its body, which is `before`, so many MiB of the block, and `after`."""

    head: str
    status: int
    mebibytes: int = 0
    before: str = ""
    after: str = ""


class Transfer(asyncio.BufferedProtocol):
    """`done` becomes the body of the last answer, or an error if an answer is not as it must be."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.done: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._exchanges = iter(exchanges)
        self._buffer = memoryview(bytearray(_BUFFER))
        self._shown = b""
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        exchange = next(self._exchanges, None)
        if exchange is None:
            self.done.set_result(self._shown)
            return
        self._exchange = exchange
        self._blocks = exchange.mebibytes
        self._head: bytes | None = b""
        self._shown = b""
        self._to_read = 0
        self._transport.write((exchange.head + exchange.before).encode())
        self._send()

    def _send(self) -> None:
        while self._blocks and not self._paused:
            self._transport.write(BLOCK)
            self._blocks -= 1
            if not self._blocks:
                self._transport.write(self._exchange.after.encode())

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._send()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._head is None:
            self._body(self._buffer[:nbytes])
            return
        self._head += self._buffer[:nbytes]
        head, end, body = self._head.partition(b"\r\n\r\n")
        if end:
            self._head = None
            self._begin(head.decode("latin-1"))
            self._body(memoryview(body))

    def _begin(self, head: str) -> None:
        status, *fields = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        if int(status.split()[1]) != self._exchange.status:
            self._fail(head)
        self._to_read = 0 if self._exchange.status == 204 else int(headers["content-length"])

    def _body(self, piece: memoryview) -> None:
        self._to_read -= len(piece)
        if len(self._shown) < _SHOWN:
            self._shown += piece
        if self._to_read < 0:
            self._fail("the answer is longer than it says")
        elif not self._to_read and not self.done.done():
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed")

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(ConnectionError(why))


async def carry(port: int, exchanges: Sequence[Exchange]) -> tuple[float, str]:
    """Seconds from the first request's first byte to the last answer's last, and that answer, if it is short."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    transport, transfer = await loop.create_connection(lambda: Transfer(exchanges), "127.0.0.1", port)
    answer = await transfer.done
    took = loop.time() - began
    transport.close()
    return took, answer.decode() if len(answer) < _SHOWN else ""


if __name__ == "__main__":
    job = json.load(sys.stdin)
    print(json.dumps(uvloop.run(carry(job["port"], [Exchange(**one) for one in job["exchanges"]]))))
