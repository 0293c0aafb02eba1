import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
Before = Callable[[ASGIApp], Awaitable[str]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]


class Recorder:
    """A service that keeps the first request as it came over the wire, up to `enough`, and then answers 204."""

    def __init__(self, enough: bytes) -> None:
        self.enough = enough
        self.request = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.request += await reader.readuntil(self.enough)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()

    def fields(self) -> dict[bytes, bytes]:
        lines = self.request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT"])
async def test_a_request_without_a_body_is_sent_without_one(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, method: str
) -> None:
    service = Recorder(b"\r\n\r\n")
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(f"{method} /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert b" 204 " in await reader.readline()
    assert service.request.endswith(b"\r\n\r\n")
    assert b"transfer-encoding" not in service.fields()
    assert service.fields().get(b"content-length", b"0") == b"0"


async def test_a_body_of_known_length_keeps_its_length(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    service = Recorder(b"hello")
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    assert b" 204 " in await reader.readline()
    assert service.fields()[b"content-length"] == b"5"
    assert b"transfer-encoding" not in service.fields()
    assert b"content-type" not in service.fields()


async def test_a_chunked_body_goes_on_as_chunked(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    service = Recorder(b"5\r\nhello\r\n0\r\n\r\n")
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(
        b"POST /files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: x-late\r\nConnection: close\r\n\r\n"
    )
    writer.write(b"5\r\nhello\r\n0\r\nx-late: dropped\r\n\r\n")
    assert b" 204 " in await reader.readline()
    assert service.fields()[b"transfer-encoding"] == b"chunked"
    assert b"content-length" not in service.fields()
    assert b"x-late" not in service.request


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
    ],
)
async def test_ambiguous_framing_reaches_no_service(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, framing: bytes
) -> None:
    service = Recorder(b"\r\n\r\n")
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"POST /files HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n0\r\n\r\nGET /files HTTP/1.1\r\n\r\n")
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert service.request == b""


async def test_whether_a_body_is_wanted_is_for_the_service_to_say(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    bodies: list[bytes] = []

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"expect: 100-continue\r\n" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        bodies.append(await reader.readexactly(5))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"hello")
    assert b" 204 " in await reader.readline()
    assert bodies == [b"hello"]


async def test_a_client_is_not_left_waiting_by_a_service_that_never_says(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Recorder(b"hello")
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    async with asyncio.timeout(20):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hello")
        assert b" 204 " in await reader.readline()


async def test_a_refusal_spares_the_client_its_body(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in head


async def bodiless(scope: Scope, receive: Receive, send: Send) -> None:
    status = int(scope["path"].rpartition("/")[2])
    await send({"type": "http.response.start", "status": status, "headers": [(b"etag", b'"v1"')]})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_leaves_the_connection_usable(
    before: Before, connect: Connect, status: int
) -> None:
    reader, writer = await connect(await before(bodiless))
    for _ in range(2):
        writer.write(f"GET /files/{status} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(f"http/1.1 {status} ".encode())
        assert b'etag: "v1"' in head
        assert b"transfer-encoding" not in head
        assert b"content-length" not in head


async def test_not_modified_may_tell_a_length(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n")
        await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 304 ")


async def test_head_tells_the_length_and_sends_no_body(before: Before, connect: Connect) -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"body here"})

    reader, writer = await connect(await before(page))
    for _ in range(2):
        writer.write(b"HEAD /files HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"content-length: 9\r\n" in await reader.readuntil(b"\r\n\r\n")
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).endswith(b"\r\n\r\nbody here")


async def test_trailers_of_an_answer_are_dropped(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-late\r\n\r\n")
        writer.write(b"5\r\nhello\r\n0\r\nx-late: 1\r\n\r\n")
        await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    assert answer.endswith(b"5\r\nhello\r\n0\r\n\r\n")
    assert b"x-late" not in answer


async def test_a_trailer_that_ends_the_connection_costs_no_later_request(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            writer.write(b"2\r\nok\r\n0\r\nConnection: close\r\n\r\n")

    origin = await gateway(await serve_raw(service))
    for _ in range(3):
        async with asyncio.timeout(20):
            assert (await http.get(f"{origin}/files")).text == "ok"


async def test_redirects_are_for_the_client(before: Before, http: httpx2.AsyncClient) -> None:
    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", b"/files/there")]})
        await send({"type": "http.response.body", "body": b""})

    response = await http.get(f"{await before(elsewhere)}/files")
    assert (response.status_code, response.headers["location"]) == (302, "/files/there")
