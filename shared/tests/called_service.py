"""A service that answers as it is told to, or breaks off, for tests of those who call one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

REFUSED = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="expired"'}


@dataclass
class Called:
    """Without `answers` it answers 200, but for what comes with `refused`. Nothing is answered before `open` is set."""

    answers: list[Response] = field(default_factory=list)
    refused: str | None = None
    requests: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.bodies.append(await request.body())
        self.requests.append(request)
        await self.open.wait()
        refused = request.headers["authorization"] == self.refused
        usual = Response(status_code=401, headers=REFUSED) if refused else Response()
        answer = self.answers.pop(0) if self.answers else usual
        await answer(scope, receive, send)

    @property
    def count(self) -> int:
        return len(self.requests)

    @property
    def tokens(self) -> list[str]:
        return [request.headers["authorization"] for request in self.requests]


@dataclass
class Breaking:
    """Sends a piece of an answer and resets the connection, `times` times; then it answers in full."""

    times: int
    piece: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal"
    heads: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield "http://{}:{}".format(*server.sockets[0].getsockname())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append(await reader.readuntil(b"\r\n\r\n"))
        if len(self.heads) <= self.times:
            writer.write(self.piece)
            await writer.drain()
            writer.transport.abort()
            return
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        writer.close()
