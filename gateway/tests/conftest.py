"""Puts a real gateway before real services, well-behaved and otherwise, and opens bare connections to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import pytest
from gateway_lines import Lines
from living_service import living
from starlette.types import ASGIApp

from gateway.app import build
from gateway.service_connection import ServiceConnection
from gateway.settings import GatewaySettings

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def serve_raw() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Starts a server that speaks whatever the handler writes; answers its origin."""
    async with AsyncExitStack() as stack:

        async def start(handler: Handler) -> str:
            async def handling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    await handler(reader, writer)
                finally:
                    writer.close()

            server = await asyncio.start_server(handling, "127.0.0.1", 0)
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
            return "http://{}:{}".format(*server.sockets[0].getsockname())

        yield start


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def gateway(serve: Callable[..., Awaitable[str]], lines: Lines) -> Callable[..., Awaitable[str]]:
    """Starts a gateway before the service at `origin`, which stands for both unless `auth_url` is given."""

    async def start(origin: str, **settings: object) -> str:
        values = {"public_url": "https://strongroom.example", "auth_url": origin, "files_url": origin}
        gateway = build(GatewaySettings.model_validate(values | settings), lines)
        return await serve(gateway.app, gateway.door.connection)

    return start


@pytest.fixture
def before(
    serve: Callable[[ASGIApp], Awaitable[str]], gateway: Callable[..., Awaitable[str]]
) -> Callable[..., Awaitable[str]]:
    """Starts an application as the service, and a gateway before it; answers the gateway's origin."""

    async def start(app: ASGIApp, **settings: object) -> str:
        return await gateway(await serve(living(app)), **settings)

    return start


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[str], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]]:
    """Opens a bare connection to an origin."""
    async with AsyncExitStack() as stack:

        async def opening(origin: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            address = urlsplit(origin)
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            stack.callback(writer.close)
            return reader, writer

        yield opening


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> list[ServiceConnection]:
    """The gateway's connections to services, whose kernel takes less at once than on loopback, as on a network."""
    connections: list[ServiceConnection] = []
    made = ServiceConnection.connection_made

    def connection_made(self: ServiceConnection, transport: asyncio.BaseTransport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connections.append(self)
        made(self, transport)

    monkeypatch.setattr(ServiceConnection, "connection_made", connection_made)
    return connections


@pytest.fixture
def caught_up(
    connect: Callable[[str], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]],
) -> Callable[[str], Awaitable[None]]:
    """Waits until the gateway at an origin has read what it was sent before: it answers one more request."""

    async def wait(origin: str) -> None:
        reader, writer = await connect(origin)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(20):
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")

    return wait
