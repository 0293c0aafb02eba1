"""Requests and answers made to be understood in two ways, or never to end."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import h11
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
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


class Counting:
    """A service that understands requests as h11 does, answers each, and keeps what it was asked."""

    def __init__(self) -> None:
        self.targets: list[bytes] = []
        self.whole: list[bytes] = []  # those whose body came to its end
        self.wire = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parser = h11.Connection(h11.SERVER)
        with suppress(ConnectionError, h11.RemoteProtocolError):
            while True:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    data = await reader.read(65536)
                    self.wire += data
                    parser.receive_data(data)
                elif isinstance(event, h11.Request):
                    self.targets.append(event.target)
                elif isinstance(event, h11.EndOfMessage):
                    self.whole.append(self.targets[-1])
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    parser.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                    parser.send(h11.EndOfMessage())
                    parser.start_next_cycle()
                elif isinstance(event, h11.ConnectionClosed):
                    return


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
    async with asyncio.timeout(5):
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
    async with asyncio.timeout(5):
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
    async with asyncio.timeout(5):
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    assert not service.wire.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("piece", [b"X-Long: " + b"a" * 70_000, b"X: y\r\n" * 3000, b"X-" + b"n" * 70_000])
async def test_a_huge_head_is_refused(serve_raw: ServeRaw, gateway: Gateway, connect: Connect, piece: bytes) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n" + piece)
    async with asyncio.timeout(5):
        assert b" 431 " in await reader.readline()
    assert service.wire == b""


async def test_a_body_over_the_limit_is_refused_before_or_while_it_comes(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Counting()
    origin = await gateway(await serve_raw(service), max_body_bytes=10)
    for framing in (b"Content-Length: 11\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n"):
        reader, writer = await connect(origin)
        writer.write(HEAD + framing)
        async with asyncio.timeout(5):
            assert b" 413 " in await reader.readline()
    assert b"12345678901" not in service.wire


async def test_a_head_that_never_ends_is_not_waited_for(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    origin = await gateway(await serve_raw(Counting()), client_head_seconds=0.1)
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost:")
    async with asyncio.timeout(5):
        assert b" 408 " in await reader.readline()
        await reader.read()


async def test_a_body_that_stalls_is_not_waited_for(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service), client_idle_seconds=0.1))
    writer.write(HEAD + b"Content-Length: 10\r\n\r\nhalf")
    async with asyncio.timeout(8):
        assert b" 408 " in await reader.readline()
        await reader.read()


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
    async with asyncio.timeout(5):
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
    async with asyncio.timeout(5):
        await reader.readuntil(b"\r\n\r\n")
        reader, writer = await connect(origin)
        writer.write(b"GET /files/mine HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await caught_up(origin)
        another.set()
        assert (await reader.read()).endswith(b"\r\n\r\n/files/mine answered")
    assert "/files/smuggled" not in asked


async def test_many_tiny_chunks_do_not_hold_everybody_up(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, caught_up: CaughtUp
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    origin = await gateway(await serve_raw(silent))

    async def cost(chunks: int) -> float:
        _reader, writer = await connect(origin)
        began = time.process_time()
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * chunks)
        await caught_up(origin)  # sooner than the service would be asked to take the body
        return time.process_time() - began

    few, many = [min([await cost(chunks) for _ in range(3)]) for chunks in (2_500, 10_000)]
    assert many < 8 * few  # four times as much, not sixteen


async def test_trailers_that_never_end_are_refused(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    async def asking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(asking)))
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Long: ")
    answer = asyncio.create_task(reader.readline())
    for _ in range(100):
        await asyncio.sleep(0.01)
        if answer.done():
            break
        writer.write(b"a" * 10_000)
    assert answer.done()
    assert b" 431 " in await answer


async def test_many_offers_of_another_protocol_at_once_are_all_passed_over(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    offer = b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    writer.write(offer * 500 + b"GET /files/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(10):
        answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 501


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
    async with asyncio.timeout(5):
        assert b"connection: close\r\n" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"helloDELETE /files/late HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await reader.read() == b""
        reader, writer = await connect(origin)
        writer.write(b"GET /files/later HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
    assert targets[2:] == [b"/files/large", b"/files/later"]


async def test_a_large_pipeline_may_be_cut_within_a_head(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    reader, writer = await connect(await gateway(await serve_raw(Counting())))
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n11170\r\n" + b"x" * 70_000 + b"\r\n0\r\n\r\nGET /fi")
    async with asyncio.timeout(5):
        await reader.readuntil(b"ok")
        writer.write(b"les HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


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
    async with asyncio.timeout(10):
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
    async with asyncio.timeout(5):
        await reader.readuntil(b"upgrade: websocket\r\n\r\n")
        writer.write(b"\x81\x05later")
        assert await came == b"\x81\x05early\x81\x05later"


NUMBERS = itertools.count()
LINES = [
    b"GET /files/a HTTP/1.1\r\n",
    b"POST /files/b HTTP/1.1\r\n",
    b"PUT /files/c HTTP/1.0\r\n",
    b"GET /nowhere HTTP/1.1\r\n",
]
FIELDS = [
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
    b"Expect: 100-continue\r\n",
]
BODIES = [b"hello", b"5\r\nhello\r\n", b"0\r\n\r\n"]
NOISE = st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\x00"]) | st.binary(max_size=12)


def pieces_of(parts: list[bytes], *, most: int) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(parts), max_size=most).map(b"".join)


REQUESTS = st.builds(
    lambda line, noise, fields, end, body: line + b"Host: x\r\n" + noise + fields + end + body,
    st.sampled_from(LINES),
    st.just(b"") | NOISE,
    pieces_of(FIELDS, most=2),
    st.just(b"\r\n") | NOISE,
    pieces_of(BODIES, most=3),
)


def asked_as_h11_reads(sent: bytes) -> list[bytes]:
    """The targets below /files of the requests that are whole, up to the first that h11 refuses.

    Empty lines before a request are passed over (RFC 9112 §2.2), which h11 is too strict for.
    """
    targets: list[bytes] = []
    target, rest = read_one(sent)
    while target is not None:
        targets.append(target)
        target, rest = read_one(rest)
    return [target for target in targets if target.startswith(b"/files")]


def read_one(sent: bytes) -> tuple[bytes | None, bytes]:
    """The first request's target, where h11 takes the request for whole, and what may be read behind it."""
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(sent.lstrip(b"\r\n"))
    target = b""
    with suppress(h11.ProtocolError):
        while isinstance(event := parser.next_event(), h11.Request | h11.Data | h11.EndOfMessage):
            if isinstance(event, h11.Request):
                target = event.target
            elif isinstance(event, h11.EndOfMessage):
                return target, b"" if parser.their_state is h11.MUST_CLOSE else parser.trailing_data[0]
    return None, b""


@pytest.fixture
async def counting() -> Counting:
    return Counting()


@pytest.fixture
async def counted(counting: Counting, serve_raw: ServeRaw, gateway: Gateway) -> str:
    return await gateway(await serve_raw(counting))


@settings(max_examples=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(pieces=[b"\n", b"GET /files/d HTTP/1.1\r\nHost: x\r\n\r\n"])
@given(pieces=st.lists(REQUESTS | pieces_of(LINES + FIELDS + BODIES, most=3) | NOISE, max_size=6))
async def test_services_see_no_request_that_a_strict_reader_would_not(
    counting: Counting, counted: str, connect: Connect, pieces: list[bytes]
) -> None:
    mark = b"/files/%d/" % next(NUMBERS)  # one gateway serves all examples, and may still be busy with the last one
    reader, writer = await connect(counted)
    sent = b"".join(pieces).replace(b"/files/", mark)
    writer.write(sent)
    writer.write_eof()
    async with asyncio.timeout(10):
        with suppress(ConnectionError):
            await reader.read()
    allowed = asked_as_h11_reads(sent)
    seen = [target for target in counting.whole if target.startswith(mark)]
    assert [target for target in seen if target not in allowed] == []
    assert len(seen) <= len(allowed)
