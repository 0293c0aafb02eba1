"""A client that takes nothing does not hold a connection to the store for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from file_service.downloads.stored_response import StoredResponse

SIZE = 10**9
Serve = Callable[[ASGIApp], Awaitable[str]]


class Endless:
    """An application that sends more than anybody reads, and tells when it let go of it."""

    def __init__(self, patience: float) -> None:
        self.released = asyncio.Event()
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {"Content-Length": str(SIZE)}
            await StoredResponse(self._opened, 200, headers, patience=self._patience)(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            yield self._zeros()
        finally:
            self.released.set()

    async def _zeros(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)  # as a store's connection does when there is nothing to be read at once
            yield bytes(256 * 1024)


async def test_a_client_that_takes_nothing_is_let_go(serve: Serve) -> None:
    app = Endless(patience=0.3)
    address = urlsplit(await serve(app))
    _, writer = await asyncio.open_connection(address.hostname, address.port, limit=1024)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        async with asyncio.timeout(20):
            await app.released.wait()
    finally:
        writer.transport.abort()


async def test_a_client_that_takes_a_little_at_a_time_is_not(serve: Serve) -> None:
    app = Endless(patience=5)
    address = urlsplit(await serve(app))
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=1024)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    left = 40 * 1024 * 1024
    while left > 0:
        left -= len(await reader.read(64 * 1024))
    assert not app.released.is_set()
    writer.transport.abort()
    async with asyncio.timeout(20):
        await app.released.wait()
