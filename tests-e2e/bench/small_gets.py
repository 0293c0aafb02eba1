"""Asks for one small answer again and again, over many connections at once: a process of its own.

It reads a `Barrage` as JSON and prints what came of it. Per answer it does no more than look at status and length, so
that the proxy under test is what there is to wait for.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import uvloop

_WARM_UP = 0.3
_OK = b"HTTP/1.1 200 "


@dataclass(frozen=True, slots=True)
class Barrage:
    """`length` is that of the body which each answer must have."""

    port: int
    request: str
    length: int
    connections: int
    seconds: float


class Asker(asyncio.Protocol):
    """Sends the request anew as soon as the answer is there. Anything else than that answer ends it all."""

    def __init__(self, request: bytes, length: int, failed: asyncio.Future[None]) -> None:
        self.answered = 0
        self._request = request
        self._length = length
        self._failed = failed
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        end = data.find(b"\r\n\r\n")
        missing = self._length - (len(data) - end - 4)
        if end < 0 or missing > 0:
            self._received = data
        elif missing < 0 or not data.startswith(_OK):
            self._fail(f"answered {data[:500]!r}")
        else:
            self._received = b""
            self.answered += 1
            self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("the connection was closed")

    def _fail(self, why: str) -> None:
        if not self._failed.done():
            self._failed.set_exception(ConnectionError(why))


async def fire(barrage: Barrage) -> tuple[float, int]:
    """Answers a second once it is warm, and how many there were altogether."""
    loop = asyncio.get_running_loop()
    failed: asyncio.Future[None] = loop.create_future()
    request = barrage.request.encode()
    askers = [Asker(request, barrage.length, failed) for _ in range(barrage.connections)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", barrage.port)  # type: ignore[misc]
    await _while_it_goes_well(failed, _WARM_UP)
    before, began = _answered(askers), loop.time()
    await _while_it_goes_well(failed, barrage.seconds)
    answered, took = _answered(askers), loop.time() - began
    return (answered - before) / took, answered


async def _while_it_goes_well(failed: asyncio.Future[None], seconds: float) -> None:
    await asyncio.wait([failed], timeout=seconds)
    if failed.done():
        failed.result()


def _answered(askers: Sequence[Asker]) -> int:
    return sum(asker.answered for asker in askers)


if __name__ == "__main__":
    print(json.dumps(uvloop.run(fire(Barrage(**json.load(sys.stdin))))))
