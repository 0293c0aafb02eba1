"""A server that does next to nothing, for proxies to stand before: `python -m bench.bare_upstream PORT`.

`GET /files/large` is 256 MiB, any other GET a few bytes of JSON, and a PUT is read to its end and answered.
"""

import asyncio
import re
import sys
from typing import cast

import uvloop
from bench.content import BLOCK, LARGE, MIB

SMALL = b'{"items": [' + b", ".join(b'{"id": "%036d", "size": 18}' % number for number in range(3)) + b"]}"

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: %d\r\n\r\n"
_SMALL_ANSWER = _HEAD % len(SMALL) + SMALL
_LARGE_HEAD = _HEAD % LARGE
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect: *100-continue\r\n", re.IGNORECASE)
_BUFFER = 256 * 1024


class BareUpstream(asyncio.BufferedProtocol):
    """Answers one request at a time; proxies do not pipeline."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(_BUFFER))
        self._head = b""
        self._to_read = 0
        self._to_send = 0
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self._to_read:
            self._read(nbytes)
            return
        self._head += self._buffer[:nbytes]
        end = self._head.find(b"\r\n\r\n") + 4
        if end > 3:
            head, self._head = self._head, b""
            self._answer(head, end)

    def _answer(self, head: bytes, end: int) -> None:
        if head.startswith(b"GET /files/large "):
            self._to_send = LARGE
            self._transport.write(_LARGE_HEAD)
            self._send()
        elif head.startswith(b"GET "):
            self._transport.write(_SMALL_ANSWER)
        else:
            found = _LENGTH.search(head)
            assert found, "a proxy changed the framing of an upload"
            if _EXPECTS.search(head):
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._to_read = int(found[1])
            self._read(len(head) - end)

    def _read(self, count: int) -> None:
        self._to_read -= count
        if not self._to_read:
            self._transport.write(_SMALL_ANSWER)

    def _send(self) -> None:
        while self._to_send and not self._paused:
            self._transport.write(BLOCK)
            self._to_send -= MIB

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._send()


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(BareUpstream, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
