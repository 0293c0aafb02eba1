import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx2
import pytest

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def assert_problem(response: httpx2.Response, status: int, slug: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["type"] == f"urn:problem-type:strongroom:{slug}"


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_service_that_refuses_connections_is_unreachable(
    gateway: Gateway, http: httpx2.AsyncClient, method: str
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        origin = await gateway(f"http://127.0.0.1:{nobody.getsockname()[1]}")
        response = await http.request(method, f"{origin}/files", content=b"x" if method == "PUT" else None)
    assert_problem(response, 502, "upstream-unreachable")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Bad: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Bad: a\x01b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX Bad: ab\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: " + 70_000 * b"x" + b"\r\nContent-Length: 0\r\n\r\n",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_service_that_talks_nonsense_has_failed(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str, nonsense: bytes
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(nonsense)

    response = await http.request(method, f"{await gateway(await serve_raw(service))}/files")
    assert_problem(response, 502, "upstream-failed")


async def test_a_service_that_keeps_silent_times_out(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    origin = await gateway(await serve_raw(service), upstream_idle_seconds=0.05)
    assert_problem(await http.get(f"{origin}/files"), 504, "upstream-timeout")
    assert_problem(await http.put(f"{origin}/files", content=b"x"), 504, "upstream-timeout")


async def test_a_connection_that_is_not_accepted_times_out(gateway: Gateway, http: httpx2.AsyncClient) -> None:
    # A full backlog drops further connection attempts.
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        origin = await gateway(f"http://127.0.0.1:{full.getsockname()[1]}", upstream_connect_seconds=0.05)
        assert_problem(await http.get(f"{origin}/files"), 504, "upstream-timeout")


@pytest.mark.parametrize(
    ("head", "start"),
    [(b"Content-Length: 100", b"half"), (b"Transfer-Encoding: chunked", b"4\r\nhalf\r\n")],
)
@pytest.mark.parametrize("ending", ["fin", "reset", "silence"])
async def test_an_answer_that_breaks_off_is_visibly_cut_off(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, head: bytes, start: bytes, ending: str
) -> None:
    passed_on = asyncio.Event()

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + start)
        await passed_on.wait()
        if ending == "reset":
            writer.transport.abort()
        if ending == "silence":
            await reader.read()

    origin = await gateway(await serve_raw(service), upstream_idle_seconds=0.1 if ending == "silence" else 300)
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = await reader.readuntil(b"half")
    passed_on.set()
    answer += await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.removesuffix(b"\r\n").endswith(start.removesuffix(b"\r\n"))
    assert b"\r\n0\r\n\r\n" not in answer


async def test_a_client_library_sees_the_cut(serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n")

    with pytest.raises(httpx2.RemoteProtocolError):
        await http.get(f"{await gateway(await serve_raw(service))}/files")


class DiesWhenReused:
    """Answers the first request of its first connection, and closes at the second. Later connections are well."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        first_connection = self.connections == 1
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            self.requests.append(head.split(b" ")[0])
            if first_connection and len(self.requests) == 2:
                return
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n" if head.startswith(b"HEAD") else OK)
            if not first_connection:
                await reader.read()
                return


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_an_idempotent_request_survives_a_dead_kept_alive_connection(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str
) -> None:
    service = DiesWhenReused()
    origin = await gateway(await serve_raw(service))
    assert (await http.get(f"{origin}/files")).status_code == 200
    assert (await http.request(method, f"{origin}/files")).status_code == 200
    assert service.requests == [b"GET", method.encode(), method.encode()]


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", {}), ("PATCH", {}), ("DELETE", {"If-Match": '"1"'}), ("PUT", {"If-None-Match": "*"})],
)
async def test_a_request_that_cannot_be_repeated_goes_out_on_a_new_connection(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str, headers: dict[str, str]
) -> None:
    service = DiesWhenReused()
    origin = await gateway(await serve_raw(service))
    assert (await http.get(f"{origin}/files")).status_code == 200
    assert (await http.request(method, f"{origin}/files", headers=headers)).status_code == 200
    assert service.requests == [b"GET", method.encode()]
    assert service.connections == 2


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
async def test_a_request_whose_body_nobody_asked_for_is_sent_again(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str
) -> None:
    service = DiesWhenReused()
    origin = await gateway(await serve_raw(service))
    assert (await http.get(f"{origin}/files")).status_code == 200
    assert (await http.request(method, f"{origin}/files", content=b"x")).status_code == 200
    assert service.requests == [b"GET", method.encode(), method.encode()]


@pytest.mark.parametrize(("method", "times"), [("PUT", 3), ("DELETE", 3), ("POST", 1), ("PATCH", 1)])
async def test_a_service_that_may_have_done_it_without_the_body_is_asked_again_only_for_what_is_idempotent(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str, times: int
) -> None:
    heads: list[bytes] = []

    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))

    origin = await gateway(await serve_raw(dying))
    assert_problem(await http.request(method, f"{origin}/files", content=b"x"), 502, "upstream-failed")
    assert len(heads) == times


@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
async def test_a_body_is_never_sent_twice(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str
) -> None:
    bodies: list[bytes] = []

    async def taking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        bodies.append(await reader.readexactly(5))

    origin = await gateway(await serve_raw(taking))
    assert_problem(await http.request(method, f"{origin}/files", content=b"hello"), 502, "upstream-failed")
    assert bodies == [b"hello"]


async def test_a_service_that_dies_of_a_request_is_not_asked_for_ever(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    heads: list[bytes] = []

    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))

    assert_problem(await http.get(f"{await gateway(await serve_raw(dying))}/files"), 502, "upstream-failed")
    assert len(heads) == 3


async def test_a_service_that_never_asks_for_a_body_gets_it_all_the_same(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\nhello")
        writer.write(OK)

    origin = await gateway(await serve_raw(plain))
    assert (await http.put(f"{origin}/files", content=b"hello")).status_code == 200


async def test_connections_are_kept_alive(serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    connections = 0

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        with suppress(asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(OK)

    origin = await gateway(await serve_raw(service))
    for _ in range(5):
        assert (await http.get(f"{origin}/files")).text == "ok"
    assert connections == 1


async def test_new_connections_do_not_pile_up(serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    opened = closed = 0

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened, closed
        opened += 1
        with suppress(asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(OK)
        closed += 1

    origin = await gateway(await serve_raw(service))
    for _ in range(300):
        assert (await http.post(f"{origin}/files")).text == "ok"
    assert opened == 300
    assert opened - closed < 200


async def test_a_body_that_head_should_not_have_is_nobodys(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                if (await reader.readuntil(b"\r\n\r\n")).startswith(b"HEAD"):
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"the body of a file")
                    await reader.readuntil(b"\r\n\r\n")
                    writer.write(OK.replace(b"ok", b"NO"))  # still within the body
                else:
                    writer.write(OK)

    origin = await gateway(await serve_raw(service))
    reader, writer = await connect(origin)
    writer.write(b"HEAD /files HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.read()).endswith(b"\r\n\r\nok")


async def test_no_content_tells_no_length(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")
        await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"content-length" not in await reader.read()
