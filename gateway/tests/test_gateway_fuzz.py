"""Whatever is sent, services see no request that h11 would not have read from the same bytes."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress

import h11
import pytest
from counting_service import Counting
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

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
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            await reader.read()
    allowed = asked_as_h11_reads(sent)
    seen = [target for target in counting.whole if target.startswith(mark)]
    assert [target for target in seen if target not in allowed] == []
    assert len(seen) <= len(allowed)
