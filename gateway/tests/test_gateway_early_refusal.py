"""A token that cannot be good is refused at the door, and nothing else is."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from strongroom.testing import TestIssuer

Connect = Callable[[str], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
Serve = Callable[[ASGIApp], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

PUBLIC_URL = "https://strongroom.example"


class Behind:
    """Both services: the issuer's two documents, and for everything else an answer that counts."""

    def __init__(self) -> None:
        self.issuer = TestIssuer(PUBLIC_URL)
        self.requests: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") in {None, "/.well-known/jwks.json", "/auth/revocations"}:
            await self.issuer(scope, receive, send)
            return
        self.requests.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # a refusal: 403
            return
        await JSONResponse({"token": Request(scope).headers.get("authorization")})(scope, receive, send)


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
async def origin(behind: Behind, serve: Serve, gateway: Gateway) -> str:
    return await gateway(await serve(behind))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def slug(answer: httpx2.Response) -> str:
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    return str(answer.json()["type"]).rpartition(":")[2]


async def test_a_good_token_reaches_the_service_unchanged(
    origin: str, behind: Behind, http: httpx2.AsyncClient
) -> None:
    headers = bearer(behind.issuer.token())
    assert (await http.get(f"{origin}/files", headers=headers)).json() == {"token": headers["Authorization"]}


async def test_bad_tokens_are_refused_without_the_service(
    origin: str, behind: Behind, http: httpx2.AsyncClient
) -> None:
    stranger = TestIssuer(PUBLIC_URL)
    tokens = {
        "nonsense": "invalid-token",
        "é": "invalid-token",
        stranger.token(): "invalid-token",
        behind.issuer.token(iss="https://elsewhere.example"): "invalid-token",
        behind.issuer.token(exp=int(time.time()) - 60): "expired-token",
    }
    for token, expected in tokens.items():
        for path in ("/files", "/files/upload", "/auth/profile", "/auth/tokens"):
            answer = await http.post(origin + path, headers=[(b"Authorization", f"bearer {token}".encode("latin-1"))])
            assert slug(answer) == expected
    assert behind.requests == []


async def test_a_token_is_refused_as_it_is_revoked(origin: str, behind: Behind, http: httpx2.AsyncClient) -> None:
    headers, others = bearer(behind.issuer.token(sid="s1")), bearer(behind.issuer.token(sid="s2"))
    assert (await http.get(f"{origin}/files", headers=headers)).status_code == 200
    behind.issuer.revoke(session="s1")
    async with asyncio.timeout(8):
        while (answer := await http.get(f"{origin}/files", headers=headers)).status_code == 200:
            pass
    assert slug(answer) == "revoked-token"
    reached = len(behind.requests)
    assert slug(await http.get(f"{origin}/files", headers=headers)) == "revoked-token"
    assert len(behind.requests) == reached
    assert (await http.get(f"{origin}/files", headers=others)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/auth/token",
        "/auth/introspect",
        "/auth/revoke",
        "/auth/register",
        "/auth/password/forgot",
        "/auth/email/verify",
        "/.well-known/openid-configuration",
        "/s/abc",
    ],
)
async def test_where_a_token_decides_nothing_none_is_refused(
    origin: str, behind: Behind, http: httpx2.AsyncClient, path: str
) -> None:
    assert (await http.post(origin + path, headers=bearer("nonsense"))).status_code == 200
    assert behind.requests == [path]


async def test_the_gateways_own_pages_ask_for_no_token(origin: str, http: httpx2.AsyncClient) -> None:
    assert (await http.get(f"{origin}/livez", headers=bearer("nonsense"))).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "Basic bm9uc2Vuc2U=")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer nonsense"), ("Authorization", "Basic x")],
    ],
)
async def test_what_is_no_bearer_token_is_left_to_the_service(
    origin: str, behind: Behind, http: httpx2.AsyncClient, headers: list[tuple[str, str]]
) -> None:
    assert (await http.get(f"{origin}/files", headers=headers)).status_code == 200
    assert behind.requests == ["/files"]


async def test_while_the_keys_cannot_be_had_the_service_decides(
    origin: str, behind: Behind, http: httpx2.AsyncClient
) -> None:
    behind.issuer.reachable = False
    assert (await http.get(f"{origin}/files", headers=bearer(behind.issuer.token()))).status_code == 200
    assert (await http.get(f"{origin}/files", headers=bearer(TestIssuer(PUBLIC_URL).token()))).status_code == 200
    assert behind.requests == ["/files", "/files"]


async def test_a_refused_upload_is_not_read_and_its_client_sees_why(
    origin: str, behind: Behind, connect: Connect
) -> None:
    reader, writer = await connect(origin)
    head = f"POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nonsense\r\nContent-Length: {1 << 35}\r\n"
    writer.write(head.encode() + b"\r\n")
    for _ in range(8):
        writer.write(bytes(1 << 20))
        await writer.drain()
    answer = await reader.readuntil(b"}")
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close\r\n" in answer
    assert behind.requests == []


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield bytes(1000)


@pytest.mark.parametrize("piece", [500, 60_000, 2_000_000])
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_an_upload_that_comes_while_its_token_is_judged_passes_whole(
    serve: Serve, gateway: Gateway, http: httpx2.AsyncClient, piece: int, is_chunked: bool
) -> None:
    issuer = TestIssuer(PUBLIC_URL)
    content = random.Random(0).randbytes(2_000_000)

    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") != "/files/upload":
            await issuer(scope, receive, send)
            return
        received = b"".join([chunk async for chunk in Request(scope, receive).stream()])
        await JSONResponse(sha256(received).hexdigest())(scope, receive, send)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), piece):
            yield content[start : start + piece]

    origin = await gateway(await serve(service))
    headers = bearer(issuer.token()) | ({} if is_chunked else {"Content-Length": str(len(content))})
    answer = await http.post(f"{origin}/files/upload", content=pieces(), headers=headers)
    assert answer.json() == sha256(content).hexdigest()


@pytest.mark.parametrize(("token", "status"), [("nonsense", 401), (None, 403)])
async def test_a_token_among_the_protocols_of_a_websocket_is_judged_too(
    origin: str, behind: Behind, connect: Connect, token: str | None, status: int
) -> None:
    reader, writer = await connect(origin)
    writer.write(
        b"GET /files/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: strongroom.v1, bearer.%b\r\n\r\n" % (token or behind.issuer.token()).encode()
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 %d " % status)
    assert behind.requests == ([] if token else ["/files/events"])
