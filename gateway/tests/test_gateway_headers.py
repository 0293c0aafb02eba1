import asyncio
import json
import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from gateway.headers import Sender, answer_fields, request_head
from gateway.messages import AnswerHead, Request, request_length
from gateway.proxies import TrustedProxies
from strongroom.errors import BadRequest

Connect = Callable[[str], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
Before = Callable[..., Awaitable[str]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]


async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was asked: method, raw target and header fields."""
    asked = {
        "method": scope["method"],
        "target": (scope["raw_path"] + b"?" + scope["query_string"]).decode(),
        "headers": [(name.decode(), value.decode()) for name, value in scope["headers"]],
    }
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(asked).encode()})


async def duplicates(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [
        (b"set-cookie", b"a=1; Path=/"),
        (b"set-cookie", b"b=2; HttpOnly"),
        (b"content-encoding", b"gzip"),
        (b"connection", b"x-hop"),
        (b"keep-alive", b"timeout=5"),
        (b"x-hop", b"dropped"),
        (b"x-kept", "Grüße".encode()),
        (b"x-request-id", b"the-services-own-id"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"not really gzip"})


def received(response: httpx2.Response, name: str) -> list[str]:
    return [value for key, value in response.json()["headers"] if key == name]


def head_of(*fields: tuple[bytes, bytes]) -> list[bytes]:
    """The lines that a service is sent for a request with these fields."""
    request = Request(b"GET", b"/files", "/files", list(fields), 0, True, True, False)
    return request_head(request, Sender("192.0.2.7", b"https"), b"an-id").split(b"\r\n")


def answered(status: int, *fields: tuple[bytes, bytes]) -> list[bytes]:
    return answer_fields(AnswerHead(status, list(fields), 0, until_close=False, keep_alive=True))


async def test_the_target_passes_byte_for_byte(before: Before, connect: Connect) -> None:
    reader, writer = await connect(await before(mirror))
    target = b"/files/a%2Fb/%C3%A9/../%2e/;x=1,'?q=%20+&&y[]=%"
    writer.write(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    assert json.loads(re.search(rb"\{.*\}", answer)[0])["target"].encode() == target  # type: ignore[index]


async def test_only_the_gateway_speaks_of_the_client(before: Before, http: httpx2.AsyncClient) -> None:
    origin = await before(mirror, trusted_proxies="192.0.2.1")
    spoofed = {
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "666",
        "X-Forwarded-Prefix": "/evil",
        "Host": "strongroom.example",
    }
    response = await http.get(f"{origin}/files", headers=spoofed)
    assert received(response, "x-forwarded-for") == ["127.0.0.1"]
    assert received(response, "x-forwarded-proto") == ["http"]
    assert received(response, "x-forwarded-host") == ["strongroom.example"]
    assert received(response, "host") == ["strongroom.example"]
    for name in ("forwarded", "x-real-ip", "x-forwarded-port", "x-forwarded-prefix"):
        assert received(response, name) == []


async def test_what_a_trusted_proxy_says_of_the_client_is_passed_on(before: Before, http: httpx2.AsyncClient) -> None:
    headers = {
        "X-Forwarded-For": "6.6.6.6, 203.0.113.9, 127.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "strongroom.example",
        "X-Forwarded-Prefix": "/vault",
    }
    response = await http.get(f"{await before(mirror)}/files", headers=headers)
    assert received(response, "x-forwarded-for") == ["203.0.113.9"]
    assert received(response, "x-forwarded-proto") == ["https"]
    assert received(response, "x-forwarded-host") == ["strongroom.example"]
    assert received(response, "x-forwarded-prefix") == ["/vault"]


async def test_hop_by_hop_fields_end_at_the_gateway(before: Before, connect: Connect) -> None:
    reader, writer = await connect(await before(mirror))
    writer.write(
        b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close, X-Hop, Authorization, Host\r\nConnection: x-second\r\n"
        b"X-Hop: 1\r\nX-Second: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: x\r\nProxy-Connection: close\r\n"
        b"Proxy-Authorization: Basic x\r\nUpgrade: h2c\r\nAuthorization: Basic t\r\n\r\n"
    )
    answer = await reader.read()
    names = {name for name, _ in json.loads(re.search(rb"\{.*\}", answer)[0])["headers"]}  # type: ignore[index]
    forwarded = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"}
    assert names == {"host", "authorization"} | forwarded


async def test_the_client_library_adds_nothing(before: Before, connect: Connect) -> None:
    reader, writer = await connect(await before(mirror))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    headers = dict(json.loads(re.search(rb"\{.*\}", await reader.read())[0])["headers"])  # type: ignore[index]
    assert headers.keys() == {"host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"}


async def test_the_answers_fields_and_encoded_body_pass_unchanged(before: Before, connect: Connect) -> None:
    reader, writer = await connect(await before(duplicates))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: the-clients-id\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert b"set-cookie: a=1; Path=/" in lines
    assert b"set-cookie: b=2; HttpOnly" in lines
    assert "x-kept: Grüße".encode() in lines
    assert b"content-encoding: gzip" in lines
    assert b"not really gzip" in body
    assert not [line for line in lines if line.startswith((b"x-hop", b"keep-alive"))]


async def test_cookies_of_one_client_are_not_sent_for_another(before: Before) -> None:
    cookies: list[str | None] = []

    async def jar(scope: Scope, receive: Receive, send: Send) -> None:
        cookies.append(next((value.decode() for name, value in scope["headers"] if name == b"cookie"), None))
        await duplicates(scope, receive, send)

    origin = await before(jar)
    for _ in range(2):
        async with httpx2.AsyncClient(trust_env=False) as client, client.stream("GET", f"{origin}/files"):
            pass
    assert cookies == [None, None]


async def test_the_service_and_the_client_get_the_same_request_id_once(
    before: Before, http: httpx2.AsyncClient
) -> None:
    response = await http.get(f"{await before(mirror)}/files")
    assert received(response, "x-request-id") == response.headers.get_list("x-request-id")
    assert re.fullmatch("[0-9a-f]{32}", response.headers["x-request-id"])


async def test_a_harmless_request_id_of_the_client_is_kept(before: Before, http: httpx2.AsyncClient) -> None:
    response = await http.get(f"{await before(mirror)}/files", headers={"X-Request-ID": "from-the-client"})
    assert received(response, "x-request-id") == response.headers.get_list("x-request-id") == ["from-the-client"]


async def test_a_request_id_that_is_not_harmless_is_replaced(before: Before, http: httpx2.AsyncClient) -> None:
    response = await http.get(f"{await before(mirror)}/files", headers={"X-Request-ID": 'x", "admin": true'})
    assert received(response, "x-request-id") == response.headers.get_list("x-request-id")
    assert "admin" not in response.headers["x-request-id"]


async def test_the_place_in_a_trace_is_passed_on(before: Before, http: httpx2.AsyncClient) -> None:
    trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=1, b=2"}
    response = await http.get(f"{await before(mirror)}/files", headers=trace)
    assert {name: received(response, name) for name in trace} == {name: [value] for name, value in trace.items()}


async def test_the_services_own_request_id_is_not_added(before: Before, http: httpx2.AsyncClient) -> None:
    async with http.stream("GET", f"{await before(duplicates)}/files") as response:
        assert "the-services-own-id" not in response.headers.get_list("x-request-id")
        assert len(response.headers.get_list("x-request-id")) == 1


async def test_two_hosts_are_refused(before: Before, connect: Connect) -> None:
    reader, writer = await connect(await before(mirror))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")


async def test_a_field_that_is_not_utf8_passes_as_it_is(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    heads: list[bytes] = []

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Odd: \xff\xfe\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 204 ")
    assert b"x-odd: \xff\xfe\r\n" in heads[0]


@pytest.mark.parametrize("named", [b"Authorization", b"HOST", b"content-length", b"cookie", b"If-Match"])
def test_connection_cannot_name_away_what_a_request_means(named: bytes) -> None:
    assert named.lower() + b": value" in head_of((b"connection", b"close, " + named), (named.lower(), b"value"))


def test_connection_cannot_name_away_what_the_gateway_says() -> None:
    lines = head_of((b"connection", b"x-forwarded-for, x-forwarded-proto"), (b"x-forwarded-for", b"6.6.6.6"))
    assert {b"x-forwarded-for: 192.0.2.7", b"x-forwarded-proto: https"} <= set(lines)
    assert b"x-forwarded-for: 6.6.6.6" not in lines


@pytest.mark.parametrize("value", [b"a\r\nx-more: 1", b"a\nb", b"a\rb", b"a\x00b", b"a\x7fb"])
def test_no_field_smuggles_in_a_line(value: bytes) -> None:
    with pytest.raises(BadRequest):
        head_of((b"x-odd", value))


@pytest.mark.parametrize(
    "framing",
    [
        [(b"content-length", b"1"), (b"content-length", b"1")],
        [(b"content-length", b"1"), (b"content-length", b"2")],
        [(b"content-length", b"1"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"1, 1")],
        [(b"content-length", b"-1")],
        [(b"content-length", b"+1")],
        [(b"content-length", b"")],
        [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"identity")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
    ],
)
def test_a_body_whose_length_is_ambiguous_is_refused(framing: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(BadRequest):
        request_length(framing)


def test_a_body_is_announced_by_its_framing() -> None:
    assert request_length([(b"host", b"x")]) == 0
    assert request_length([(b"content-length", b"0")]) == 0
    assert request_length([(b"content-length", b"1")]) == 1
    assert request_length([(b"transfer-encoding", b"Chunked")]) is None


def test_what_the_gateway_says_itself_is_not_passed_on_as_well() -> None:
    fields = [(b"date", b"Tue, 24 Nov 2026 21:44:03 GMT"), (b"x-request-id", b"1"), (b"content-length", b"9")]
    assert answered(200, *fields, (b"etag", b'"v1"')) == [b'etag: "v1"\r\n']


def test_what_several_proxies_say_on_lines_of_their_own_is_one_list() -> None:
    """RFC 9110 §5.3."""
    fields = [(b"host", b"x"), (b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-for", b"10.0.0.7")]
    request = Request(b"GET", b"/", "/", fields, 0, is_http11=True, keep_alive=True, is_websocket=False)
    assert TrustedProxies("10.0.0.0/8").sender("10.0.0.8", request).address == "203.0.113.9"


@pytest.mark.parametrize("name", [b"x_forwarded_for", b"X-Forwarded_For", b"x_real_ip", b"x_request_id"])
def test_nobody_speaks_of_the_client_with_another_dash(name: bytes) -> None:
    """To CGI and WSGI, which a route of one's own may lead to, a dash and an underscore are the same."""
    fields = [(b"host", b"x"), (name.lower(), b"203.0.113.9")]
    request = Request(b"GET", b"/", "/", fields, 0, is_http11=True, keep_alive=True, is_websocket=False)
    assert b"203.0.113.9" not in request_head(request, Sender("198.51.100.7"), b"0" * 32)
