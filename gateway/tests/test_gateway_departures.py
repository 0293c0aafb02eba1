import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from gateway_lines import Lines
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

from gateway.app import build
from gateway.settings import GatewaySettings

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
Before = Callable[[ASGIApp], Awaitable[str]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

PROMISED = 1 << 30


class Watching:
    """A service that writes `answer` after the head of a request, and then notes all that comes until the end."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        self.asked = asyncio.Event()
        self.taken = asyncio.Event()
        self.rest: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        if b"expect: 100-continue" in head:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.write(self.answer)
        rest = b""
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                rest += piece
                self.taken.set()
        self.rest.set_result(rest)


async def assert_nothing_is_left(tasks_before: set[asyncio.Task[object]]) -> None:
    """Whatever the exchange started ends by itself."""
    left = asyncio.all_tasks() - tasks_before - {asyncio.current_task()}
    async with asyncio.timeout(20):
        await asyncio.gather(*left, return_exceptions=True)


def soon() -> asyncio.Timeout:
    """Without it a departure that goes unnoticed would hang the test until the service's idle timeout."""
    return asyncio.timeout(20)


@pytest.mark.parametrize("body", [b"", b"whole"])
@pytest.mark.parametrize("abruptly", [False, True])
async def test_a_client_that_leaves_before_the_answer_cancels_the_request(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, abruptly: bool, body: bytes
) -> None:
    service = Watching()
    origin = await gateway(await serve_raw(service))
    tasks = asyncio.all_tasks()
    _, writer = await connect(origin)
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await (service.taken if body else service.asked).wait()
    if abruptly:
        writer.transport.abort()
    else:
        writer.close()
    async with soon():
        assert await service.rest == body
    await assert_nothing_is_left(tasks)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nstart",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstart\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nstart",
    ],
)
async def test_a_client_that_leaves_during_a_silent_answer_cancels_the_request(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, answer: bytes
) -> None:
    service = Watching(answer)
    origin = await gateway(await serve_raw(service))
    tasks = asyncio.all_tasks()
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"start")
    writer.close()
    async with soon():
        assert await service.rest == b""
    await assert_nothing_is_left(tasks)


async def test_a_client_that_leaves_during_a_busy_answer_cancels_the_request(before: Before, connect: Connect) -> None:
    over = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending() -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
                await asyncio.sleep(0)  # lets the disconnect through; nothing is waited for

        busy = asyncio.create_task(sending())
        while (await receive())["type"] != "http.disconnect":
            pass
        busy.cancel()
        over.set()

    reader, writer = await connect(await before(endless))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readexactly(1_000_000)
    writer.transport.abort()
    async with soon():
        await over.wait()


@pytest.mark.parametrize("abruptly", [False, True])
@pytest.mark.parametrize(
    ("framing", "piece"),
    [
        (f"Content-Length: {PROMISED}".encode(), b"half a body"),
        (b"Transfer-Encoding: chunked", b"b\r\nhalf a body\r\n"),
    ],
)
async def test_an_upload_that_breaks_off_never_looks_complete(
    serve_raw: ServeRaw,
    gateway: Gateway,
    connect: Connect,
    framing: bytes,
    piece: bytes,
    abruptly: bool,
) -> None:
    service = Watching()
    origin = await gateway(await serve_raw(service))
    tasks = asyncio.all_tasks()
    _, writer = await connect(origin)
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + piece)
    await service.asked.wait()
    if abruptly:
        writer.transport.abort()
    else:
        writer.close()
    async with soon():
        rest = await service.rest
    assert piece.startswith(rest)
    await assert_nothing_is_left(tasks)


async def test_a_real_service_sees_the_upload_break_off(before: Before, connect: Connect) -> None:
    started, ends = asyncio.Event(), asyncio.Queue[str]()

    async def taking(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            started.set()
        await ends.put(message["type"])

    _, writer = await connect(await before(taking))
    writer.write(b"POST /files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
    await started.wait()
    writer.close()
    async with soon():
        assert await ends.get() == "http.disconnect"


async def test_a_client_that_leaves_while_body_and_answer_flow_cancels_both(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Watching(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstart\r\n")
    origin = await gateway(await serve_raw(service))
    tasks = asyncio.all_tasks()
    reader, writer = await connect(origin)
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")
    await reader.readuntil(b"start")
    writer.close()
    async with soon():
        assert not (await service.rest).endswith(b"0\r\n\r\n")
    await assert_nothing_is_left(tasks)


@pytest.mark.parametrize(
    "request_",
    [b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n", b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"],
)
async def test_a_departure_says_nothing_bad_of_the_service(
    serve_raw: ServeRaw,
    gateway: Gateway,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    lines: Lines,
    request_: bytes,
) -> None:
    service = Watching()
    origin = await gateway(await serve_raw(service))
    tasks = asyncio.all_tasks()
    with capture_logs() as events:
        _, writer = await connect(origin)
        writer.write(request_)
        await service.asked.wait()
        writer.close()
        async with soon():
            await service.rest
        await assert_nothing_is_left(tasks)
    assert events == []
    assert [(line["event"], line["status"]) for line in lines.all()] == [("request", 499)]
    assert caplog.records == []


async def test_a_client_that_takes_nothing_of_an_answer_that_is_cut_off_does_not_stay(
    serve_raw: ServeRaw, serve: Callable[..., Awaitable[str]], connect: Connect
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(bytes(65536))
                await writer.drain()

    origin = await serve_raw(service)
    settings = {"public_url": "https://strongroom.example", "auth_url": origin, "files_url": origin}
    built = build(GatewaySettings.model_validate(settings | {"upstream_idle_seconds": 0.2}))
    _reader, writer = await connect(await serve(built.app, built.door.connection))
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # all of asyncio's have it
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(20):
        while not any(one.transport.is_closing() for one in built.door.connections):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    for one in tuple(built.door.connections):
        one.check(asyncio.get_running_loop().time() + 3600)
    async with asyncio.timeout(20):
        while built.door.connections:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)


@pytest.mark.usefixtures("narrow")
async def test_the_last_words_of_a_client_pass_through_a_tunnel(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, caught_up: Callable[[str], Awaitable[None]]
) -> None:
    came: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    has_left = asyncio.Event()

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # all of asyncio's have it
        await has_left.wait()
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        words = b""
        with suppress(ConnectionError):
            while piece := await reader.read(65536):
                words += piece
        came.set_result(words)

    origin = await gateway(await serve_raw(service))
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    words = bytes(60_000)
    writer.write(words)
    writer.close()
    await writer.wait_closed()
    await caught_up(origin)
    has_left.set()
    async with soon():
        assert len(await came) == len(words)
