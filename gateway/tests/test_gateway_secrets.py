"""What opens something by itself passes through and stays in no log."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from gateway_lines import Lines
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from structlog.testing import capture_logs

ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

TOKEN = "k3jT" * 11
SECRETS = {"Authorization": "Basic YW55Ym9keTpzZWNyZXQ="}


async def test_a_share_link_is_forwarded_and_logged_without_its_token(
    before: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient, lines: Lines
) -> None:
    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["path"])(scope, receive, send)

    origin = await before(service)
    answer = await http.get(f"{origin}/s/{TOKEN}?download=1", headers=SECRETS)
    assert answer.text == f"/s/{TOKEN}"
    assert [line["path"] for line in lines.all()] == ["/s/*"]
    assert TOKEN not in str(lines.all())


@pytest.mark.parametrize(
    "nonsense", [b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n"]
)
async def test_what_goes_wrong_with_a_service_is_logged_without_the_address_and_the_headers(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, nonsense: bytes
) -> None:
    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(nonsense)

    origin = await gateway(await serve_raw(service))
    await _fails_without_telling(http, origin, 502)


async def test_that_a_service_cannot_be_reached_in_time_is_logged_without_the_address(
    gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    # A full backlog drops further connection attempts.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        origin = await gateway(f"http://127.0.0.1:{full.getsockname()[1]}", upstream_connect_seconds=0.05)
        await _fails_without_telling(http, origin, 504)


async def _fails_without_telling(http: httpx2.AsyncClient, origin: str, status: int) -> None:
    with capture_logs() as events:
        answer = await http.get(f"{origin}/s/{TOKEN}", headers=SECRETS)
    assert answer.status_code == status
    assert "upstream.failed" in [event["event"] for event in events]
    for secret in (TOKEN, SECRETS["Authorization"]):
        assert secret not in str(events)
        assert secret not in answer.text
