"""What all connections of clients share, and what happens to them as time passes."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from gateway.access_lines import AccessLines
from gateway.admission import Admission
from gateway.client_connection import ClientConnection
from gateway.cors import Cors
from gateway.examinations import Examinations
from gateway.headers import Sender
from gateway.messages import Request
from gateway.metrics import Traffic
from gateway.proxies import TrustedProxies
from gateway.routing import Routes
from gateway.tracing import ended
from gateway.upstreams import Upstream

if TYPE_CHECKING:
    from gateway.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of sizes in bytes, and of patience in seconds."""

    largest_body: int
    head_seconds: float
    client_idle_seconds: float
    service_idle_seconds: float

    @property
    def shortest(self) -> float:
        return min(self.head_seconds, self.client_idle_seconds, self.service_idle_seconds)


class Door:
    """`connection` is what uvicorn makes for each client. Open inside `async with`. `always` are header lines."""

    feed = "/auth/revocations"
    loop: asyncio.AbstractEventLoop

    def __init__(
        self,
        routes: Routes[Upstream],
        upstreams: Sequence[Upstream],
        pages: ASGIApp,
        admission: Admission,
        proxies: TrustedProxies,
        lines: AccessLines,
        traffic: Traffic,
        cors: Cors,
        examinations: Examinations,
        bounds: Bounds,
        always: bytes,
    ) -> None:
        self.routes = routes
        self.pages = pages
        self.admission = admission
        self.bounds = bounds
        self.cors = cors
        self._examinations = examinations
        self.is_stopping = False
        self.connections: set[ClientConnection] = set()
        self._awaited: set[Any] = set()  # uvicorn's, which waits for them to end before it stops
        self._upstreams = upstreams
        self._proxies = proxies
        self._lines = lines
        self._traffic = traffic
        self._tasks: set[asyncio.Task[None]] = set()
        self._always = always
        self._told = b""

    def connection(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> ClientConnection:
        self._awaited = server_state.connections
        return ClientConnection(self)

    def opened(self, connection: ClientConnection) -> None:
        self.connections.add(connection)
        self._awaited.add(connection)

    def closed(self, connection: ClientConnection) -> None:
        self.connections.discard(connection)
        self._awaited.discard(connection)

    async def __aenter__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._pass_time()
        self._clock = asyncio.create_task(self._tick())
        self.spawn(self._examinations.run())

    async def __aexit__(self, *_: object) -> None:
        self._clock.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(self._clock, *self._tasks, return_exceptions=True)
        for upstream in self._upstreams:
            upstream.close()
        self._lines.flush()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(min(0.5, self.bounds.shortest / 2))
            self._pass_time()

    def _pass_time(self) -> None:
        now = self.loop.time()
        self._told = b"date: %b\r\n%b" % (formatdate(usegmt=True).encode(), self._always)
        for connection in tuple(self.connections):
            connection.check(now)
        for upstream in self._upstreams:
            upstream.close_idle(now)
        self._lines.flush()

    def lines(self) -> bytes:
        """Of every answer: the date (RFC 9110 §6.6.1), and what is said always."""
        return self._told

    def sender(self, peer: str, request: Request) -> Sender:
        return self._proxies.sender(peer, request)

    def over(self, exchange: "Exchange", seconds: float) -> None:
        self._lines.add(exchange, seconds)
        self._traffic.add(exchange.service, exchange.request.method.decode("ascii"), exchange.status, seconds)
        if exchange.span is not None:
            ended(exchange, exchange.span)

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
