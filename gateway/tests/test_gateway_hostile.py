"""Requests and answers made to be understood in two ways."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from counting_service import Counting
from living_service import living
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[str]]
CaughtUp = Callable[[str], Awaitable[None]]

HEAD = b"POST /files HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        HEAD + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
        HEAD + b"Content-Length: 4,4\r\n\r\nabcd",
        HEAD + b"Content-Length: +4\r\n\r\nabcd",
        HEAD + b"Content-Length: 0x4\r\n\r\nabcd",
        HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n",
        HEAD + b"Transfer-Encoding: identity\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"X: a\x00b\r\n\r\n",
        HEAD + b"X\x00: b\r\n\r\n",
        b"POST /files HTTP/1.1\nHost: x\n\n",
        b"POST /files HTTP/1.1\r\n\r\n",
        b"POST /files HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"POST /files\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /files#x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST @evil/files HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT evil:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /files HTTP/9.9\r\nHost: x\r\n\r\n",
        b"POST /files HTTP/2.0\r\nHost: x\r\n\r\n",
        b"POST /files HTTP/0.9\r\nHost: x\r\n\r\n",
        b"POST /files SSH/1.1\r\nHost: x\r\n\r\n",
        HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD.replace(b"POST", b"GET") + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 4\r\n\r\nabcd",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_can_be_read_in_two_ways_reaches_no_service(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, request_: bytes
) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(request_ + b"GET /files/smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(20):
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert service.wire == b""


async def test_a_body_stays_one_where_another_protocol_is_offered(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    body = b"GET /files/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    writer.write(HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    writer.write(b"GET /files/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.read()).count(b"HTTP/1.1 200 ") == 2
    assert service.whole == [b"/files", b"/files/last"]


@pytest.mark.parametrize(
    "body",
    [b"Z\r\nabc\r\n", b"-1\r\nabc\r\n", b"3\nabc\r\n", b"3\r\nabcX", b"10000000000000000\r\n", b"3;\x00\r\nabc\r\n"],
)
async def test_a_broken_chunk_never_makes_a_whole_body(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, body: bytes
) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    assert not service.wire.endswith(b"0\r\n\r\n")


async def test_pipelined_requests_are_answered_in_order(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    asked = [b"GET /files/%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(500)]
    asked[7:7] = [b"PUT /files/7b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"]
    asked[9:9] = [b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"] * 50
    writer.write(b"".join(asked) + b"GET /files/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(20):
        answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 502
    assert answers.count(b"HTTP/1.1 404 ") == 50
    expected = [b"/files/%d" % number for number in range(500)]
    expected[7:7] = [b"/files/7b"]
    assert service.targets == [*expected, b"/files/last"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
    ],
)
async def test_an_answer_that_can_be_read_in_two_ways_is_not_passed_on(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, answer: bytes
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(HEAD + b"Connection: close\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.read()).startswith(b"HTTP/1.1 502 ")


async def test_a_second_answer_is_nobodys(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    connections = 0

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            one = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            writer.write(one + (one.replace(b"ok", b"NO") if connections == 1 else b""))
            await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    for _ in range(2):
        writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(2) == b"ok"
    assert connections == 2


async def test_a_tunnel_is_no_way_to_put_words_into_another_clients_answer(
    serve: Serve, gateway: Gateway, connect: Connect, caught_up: CaughtUp
) -> None:
    """A service on httptools passes over the body of a CONNECT, and takes it for the next request."""
    asked: list[str] = []
    another = asyncio.Event()

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        if scope["path"].endswith("smuggled"):
            await another.wait()
        await PlainTextResponse(f"{scope['path']} answered")(scope, receive, send)

    origin = await gateway(await serve(living(answering), HttpToolsProtocol))  # ours would refuse it too
    reader, writer = await connect(origin)
    body = b"GET /files/smuggled HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"
    writer.write(b"CONNECT /files HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    async with asyncio.timeout(20):
        await reader.readuntil(b"\r\n\r\n")
        reader, writer = await connect(origin)
        writer.write(b"GET /files/mine HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await caught_up(origin)
        another.set()
        assert (await reader.read()).endswith(b"\r\n\r\n/files/mine answered")
    assert "/files/smuggled" not in asked


async def test_nothing_is_asked_after_the_gateway_said_that_it_closes(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    targets: list[bytes] = []
    both = asyncio.Barrier(2)  # so that each of the first has a connection of its own

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                method, target, _ = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
                targets.append(target)
                if target == b"/files/idle":
                    await both.wait()
                status = b"413 Too Large" if method == b"PUT" else b"200 OK"
                writer.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status)

    origin = await gateway(await serve_raw(service))
    clients = [await connect(origin) for _ in range(2)]
    for _, writer in clients:
        writer.write(b"GET /files/idle HTTP/1.1\r\nHost: x\r\n\r\n")
    for reader, _ in clients:
        await reader.readuntil(b"\r\n\r\n")
    reader, writer = await connect(origin)
    writer.write(b"PUT /files/large HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
    async with asyncio.timeout(20):
        assert b"connection: close\r\n" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"helloDELETE /files/late HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.read() == b""
        reader, writer = await connect(origin)
        writer.write(b"GET /files/later HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
    assert targets[2:] == [b"/files/large", b"/files/later"]


async def test_a_body_over_the_limit_takes_no_answer_from_the_request_before(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, caught_up: CaughtUp
) -> None:
    both_came = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await both_came.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.read()

    origin = await gateway(await serve_raw(slow), max_body_bytes=10)
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    writer.write(HEAD + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 50\r\n\r\n" + bytes(50))
    await caught_up(origin)
    both_came.set()
    async with asyncio.timeout(20):
        answers = await reader.read()
    assert answers.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 413 " in answers


async def test_what_follows_a_handshake_that_had_to_wait_its_turn_arrives(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, caught_up: CaughtUp
) -> None:
    came: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
    agreed = asyncio.Event()

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.readuntil(b"\r\n\r\n")
        await agreed.wait()
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
        with suppress(asyncio.IncompleteReadError):
            came.set_result(await reader.readexactly(14))

    origin = await gateway(await serve_raw(service))
    reader, writer = await connect(origin)
    first = b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n"
    writer.write(first + first.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
    await reader.readuntil(b"ok")
    writer.write(b"\x81\x05early")
    await caught_up(origin)
    agreed.set()
    async with asyncio.timeout(20):
        await reader.readuntil(b"upgrade: websocket\r\n\r\n")
        writer.write(b"\x81\x05later")
        assert await came == b"\x81\x05early\x81\x05later"
