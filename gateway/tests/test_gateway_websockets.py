"""What has been switched to WebSocket passes as it is, both ways, until either side ends it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
import websockets
from websockets.asyncio.server import ServerConnection, serve

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

MIB = 1 << 20


class Echo:
    """A service that says everything back, and remembers how each of its connections ended."""

    def __init__(self) -> None:
        self.ended: asyncio.Queue[int | None] = asyncio.Queue()
        self.origin = ""

    async def __call__(self, connection: ServerConnection) -> None:
        try:
            async for message in connection:
                if message == "leave":
                    await connection.close(4321, "as you say")
                await connection.send(message)
        except websockets.ConnectionClosed:
            pass
        finally:
            await self.ended.put(connection.close_code)


def _chosen(_: ServerConnection, offered: Sequence[websockets.Subprotocol]) -> websockets.Subprotocol | None:
    return offered[0] if offered else None


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    service = Echo()
    async with serve(service, "127.0.0.1", 0, select_subprotocol=_chosen, max_size=4 * MIB) as server:
        service.origin = "http://{}:{}".format(*next(iter(server.sockets)).getsockname())
        yield service


@pytest.fixture
async def address(echo: Echo, gateway: Gateway) -> str:
    return f"{(await gateway(echo.origin)).replace('http', 'ws')}/files/events"


async def test_messages_of_any_size_pass_both_ways(address: str) -> None:
    async with websockets.connect(address, proxy=None, max_size=4 * MIB) as connection:
        for message in ("small", b"\x00\xff" * MIB, "", "ü" * 100_000):
            await connection.send(message)
            assert await connection.recv() == message


async def test_fragments_and_pings_pass(address: str) -> None:
    async with websockets.connect(address, proxy=None) as connection:
        await connection.send(["in ", "three ", "pieces"])
        assert await connection.recv() == "in three pieces"
        async with asyncio.timeout(20):
            await (await connection.ping())


async def test_the_subprotocol_is_what_the_service_chose(address: str) -> None:
    offered = [websockets.Subprotocol("strongroom.v1"), websockets.Subprotocol("strongroom.v2")]
    async with websockets.connect(address, proxy=None, subprotocols=offered) as connection:
        assert connection.subprotocol == "strongroom.v1"


async def test_pages_of_this_and_of_named_origins_may_open_one_and_others_may_not(echo: Echo, gateway: Gateway) -> None:
    at = await gateway(echo.origin, cors_origins="https://app.example")
    address = f"{at.replace('http', 'ws')}/files/events"
    for origin in ("https://app.example", "https://strongroom.example", at, at.replace("http", "https"), None):
        sent = None if origin is None else websockets.Origin(origin)
        async with websockets.connect(address, proxy=None, origin=sent):
            pass
    for origin in ("https://evil.example", "https://app.example.evil.example", "null", "", "https://app.example:8443"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(address, proxy=None, additional_headers={"Origin": origin})
        assert refused.value.response.status_code == 403
        assert b"foreign-origin" in refused.value.response.body


async def test_the_services_close_code_arrives(address: str) -> None:
    async with websockets.connect(address, proxy=None) as connection:
        await connection.send("leave")
        with pytest.raises(websockets.ConnectionClosed):
            await connection.recv()
    assert connection.close_code == 4321


async def test_a_client_that_vanishes_is_missed_by_the_service(address: str, echo: Echo) -> None:
    connection = await websockets.connect(address, proxy=None)
    connection.transport.abort()
    async with asyncio.timeout(20):
        assert await echo.ended.get() == 1006


async def test_what_a_client_says_too_early_reaches_no_service_that_refuses(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    came: list[bytes] = []

    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        came.append(await reader.read())

    reader, writer = await connect(await gateway(await serve_raw(refusing)))
    writer.write(
        b"GET /files/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        b"GET /files/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"upgrade: websocket\r\n" in came[0]
    assert b"smuggled" not in b"".join(came)


async def test_a_service_cannot_switch_a_request_that_did_not_ask(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    async def switching(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nraw")

    reader, writer = await connect(await gateway(await serve_raw(switching)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 502 ")


async def test_a_service_cannot_switch_after_it_has_answered(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nraw"
        )

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.read()).count(b"HTTP/1.1 ") == 1


async def test_another_upgrade_is_not_offered_and_the_request_goes_on(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    heads: list[bytes] = []

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    reader, writer = await connect(await gateway(await serve_raw(service)))
    first = b"GET /files/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    writer.write(first + b"GET /files/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).count(b"\r\n\r\nok") == 2
    assert [head.split(b" ")[1] for head in heads] == [b"/files/1", b"/files/2"]
    assert b"upgrade" not in heads[0].lower()
