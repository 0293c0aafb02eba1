import asyncio
import hashlib
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress

import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.app import build
from gateway.service_connection import ServiceConnection
from gateway.settings import GatewaySettings

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
Before = Callable[[ASGIApp], Awaitable[str]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

MIB = 1 << 20
SIZE = 64 * MIB
CHUNK = bytes(range(256)) * 4096
# What both directions of both hops may hold at once, client, gateway and service being in one process here.
FLAT = 12 * MIB


@pytest.fixture
def peak() -> Iterator[Callable[[], int]]:
    """The most that was allocated at once since the test began, in bytes."""
    tracemalloc.start()
    start, _ = tracemalloc.get_traced_memory()
    yield lambda: tracemalloc.get_traced_memory()[1] - start
    tracemalloc.stop()


@pytest.mark.parametrize("framing", [[(b"content-length", b"%d" % SIZE)], []])
async def test_a_large_download_passes_in_flat_memory(
    before: Before, http: httpx2.AsyncClient, peak: Callable[[], int], framing: list[tuple[bytes, bytes]]
) -> None:
    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": framing})
        for _ in range(SIZE // len(CHUNK)):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    whole = hashlib.sha256()
    for _ in range(SIZE // len(CHUNK)):
        whole.update(CHUNK)
    seen = hashlib.sha256()
    async with http.stream("GET", f"{await before(large)}/files") as response:
        async for chunk in response.aiter_raw():
            seen.update(chunk)
    assert seen.digest() == whole.digest()
    assert peak() < FLAT


@pytest.mark.parametrize("framing", [{"Content-Length": str(SIZE)}, {}])
async def test_a_large_upload_passes_in_flat_memory(
    before: Before, http: httpx2.AsyncClient, peak: Callable[[], int], framing: dict[str, str]
) -> None:
    seen = 0

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal seen
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            seen += len(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def large() -> AsyncIterator[bytes]:
        for _ in range(SIZE // len(CHUNK)):
            yield CHUNK

    response = await http.put(f"{await before(counting)}/files", content=large(), headers=framing)
    assert response.status_code == 200
    assert seen == SIZE
    assert peak() < FLAT


async def test_a_client_that_does_not_read_holds_the_service_back(before: Before, connect: Connect) -> None:
    held_back: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        sent = 0
        try:
            while sent < 4 * SIZE:
                async with asyncio.timeout(1):
                    await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
                sent += len(CHUNK)
        except TimeoutError:
            pass
        held_back.set_result(sent)

    _, writer = await connect(await before(endless))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await held_back < SIZE


async def test_a_service_that_does_not_read_holds_the_client_back(before: Before, connect: Connect) -> None:
    done = asyncio.Event()

    async def unmoved(scope: Scope, receive: Receive, send: Send) -> None:
        await done.wait()

    _, writer = await connect(await before(unmoved))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (4 * SIZE))
    sent = 0
    try:
        while sent < 4 * SIZE:
            writer.write(CHUNK)
            async with asyncio.timeout(1):
                await writer.drain()
            sent += len(CHUNK)
    except TimeoutError:
        pass
    writer.transport.abort()
    done.set()
    assert sent < SIZE


async def test_each_piece_of_an_answer_is_passed_on_when_it_comes(before: Before, connect: Connect) -> None:
    go_on = asyncio.Semaphore(0)

    async def dripping(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            await go_on.acquire()
            await send({"type": "http.response.body", "body": b"drop %d" % number, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    reader, writer = await connect(await before(dripping))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")  # the head does not wait for the first piece
    for number in range(3):
        go_on.release()
        await reader.readuntil(b"drop %d" % number)


async def test_each_piece_of_a_body_is_passed_on_when_it_comes(before: Before, connect: Connect) -> None:
    pieces: asyncio.Queue[bytes] = asyncio.Queue()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        await pieces.put(b"head")
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            await pieces.put(message["body"])

    _, writer = await connect(await before(taking))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    assert await pieces.get() == b"head"  # the head does not wait for the first piece
    for number in range(3):
        writer.write(b"drop %d" % number)
        assert await pieces.get() == b"drop %d" % number


async def test_a_client_that_asks_on_without_reading_is_not_answered_on(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    piece, sent = CHUNK[:100_000], 0

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(piece) + piece)
                await writer.drain()
                sent += len(piece)

    _, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n" * 3000)
    before = -1
    while before < sent < 4 * SIZE:
        before = sent
        with suppress(TimeoutError):  # as long as it takes to be sure that nothing more comes
            async with asyncio.timeout(1):
                await asyncio.get_running_loop().create_future()
    writer.transport.abort()
    assert sent < SIZE


async def test_a_client_that_its_service_held_back_is_heard_again(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head.startswith(b"PUT"):
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    await reader.readexactly(len(CHUNK))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    reader, writer = await connect(await gateway(await serve_raw(service)))
    for _ in range(10):
        writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(CHUNK) + CHUNK)
        writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(20):
        for _ in range(20):
            assert b" 200 " in await reader.readline()
            await reader.readuntil(b"\r\n\r\nok")


async def test_a_stream_of_events_passes_and_ends_with_the_process(
    serve_raw: ServeRaw, serve: Callable[..., Awaitable[str]], connect: Connect
) -> None:
    ended = asyncio.Event()

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\ndata: x\n\n")
        with suppress(ConnectionError):
            await reader.read()
        ended.set()

    origin = await serve_raw(service)
    values = {"public_url": "https://strongroom.example", "auth_url": origin, "files_url": origin}
    gateway = build(GatewaySettings.model_validate(values))
    reader, writer = await connect(await serve(gateway.app, gateway.door.connection))
    writer.write(b"GET /files/events HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"data: x\n\n")
    for connection in tuple(gateway.door.connections):
        connection.shutdown()
    async with asyncio.timeout(20):
        await ended.wait()
        assert b"0\r\n\r\n" not in await reader.read()


async def test_a_body_that_was_kept_back_holds_its_client_back_too(
    serve_raw: ServeRaw,
    gateway: Gateway,
    connect: Connect,
    caught_up: Callable[[str], Awaitable[None]],
    narrow: list[ServiceConnection],
) -> None:
    async def stalled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # all of asyncio's have it
        await over.wait()

    over = asyncio.Event()
    origin = await gateway(await serve_raw(stalled))
    _reader, writer = await connect(origin)
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n" + bytes(60_000))
    await caught_up(origin)
    with suppress(TimeoutError):
        async with asyncio.timeout(2.5):
            for _ in range(64):
                writer.write(bytes(1 << 20))
                await writer.drain()
    held = narrow[0].transport.get_write_buffer_size()
    writer.transport.abort()
    over.set()
    assert held < 1 << 20


async def test_a_client_is_not_blamed_for_a_service_that_pauses(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    async def pausing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(0.5)
        with suppress(asyncio.IncompleteReadError):
            await reader.readexactly(16 * MIB)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    reader, writer = await connect(await gateway(await serve_raw(pausing), client_idle_seconds=0.1))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (16 * MIB) + bytes(16 * MIB))
    async with asyncio.timeout(20):
        assert b" 200 " in await reader.readline()
