"""What every service's application does alike, on a real server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from strongroom import Principal, TokenVerifier
from strongroom.errors import Conflict, TooManyRequests
from strongroom.testing import TestIssuer
from strongroom.web import protect, scoped
from strongroom.web.app import build_app
from strongroom.web.health import Readiness
from strongroom.web.parts import provide

router = APIRouter()


class Body(BaseModel):
    word: str


@router.post("/echo")
@router.post("/longer/echo")
async def echo(body: Body) -> Body:
    return body


@router.post("/stream")
async def stream(request: Request) -> int:
    return sum([len(chunk) async for chunk in request.stream()])


@router.get("/clash")
async def clash() -> None:
    raise Conflict("Twice the same", headers={"X-More": "1"})


@router.get("/fault")
async def fault() -> None:
    raise RuntimeError("secret detail")


@router.get("/busy")
async def busy() -> None:
    raise TooManyRequests(headers={"Retry-After": "3"})


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async def broken() -> None:
        raise ConnectionError

    async def working() -> None:
        return None

    provide(app, Readiness({"good": working, "bad": broken}, notes={"by the way": lambda: "stale 35 s"}))
    yield


@pytest.fixture
async def origin(serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    app = build_app(
        "Test",
        lifespan=lifespan,
        routers=[router],
        body_limit=1000,
        streaming=("/stream",),
        larger_bodies={"/longer/": 2000},
    )
    return await serve(app)


async def test_a_refusal_is_a_problem_document(origin: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(f"{origin}/clash")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-more"] == "1"
    assert answer.json() == {
        "type": "urn:problem-type:strongroom:conflict",
        "title": "This clashes with what is already there",
        "status": 409,
        "detail": "Twice the same",
    }


async def test_a_fault_tells_nothing_of_the_inside(origin: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(f"{origin}/fault")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:problem-type:strongroom:internal-error"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [("GET", "/nowhere", 404, "not-found"), ("GET", "/echo", 405, "method-not-allowed")],
)
async def test_the_frameworks_own_refusals_are_problems_too(
    origin: str, http: httpx2.AsyncClient, method: str, path: str, status: int, slug: str
) -> None:
    answer = await http.request(method, origin + path)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:problem-type:strongroom:{slug}")


async def test_an_invalid_body_is_told_by_field_and_not_by_value(origin: str, http: httpx2.AsyncClient) -> None:
    answer = await http.post(f"{origin}/echo", json={"word": ["hush"]})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "word", "message": "Input should be a valid string"}]
    assert "hush" not in answer.text


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b" " * 100


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (rb"\ud800", 400),
        (rb"\uDFFF", 400),
        (rb"\ude00\ud83d", 400),
        (rb"\ud83d\ude00", 200),
        (rb"\\ud800", 200),
        ("😀".encode(), 200),
        (b"\xed\xa0\x80", 400),
        ("x".encode("utf-16"), 400),
    ],
)
async def test_half_a_character_is_no_text(origin: str, http: httpx2.AsyncClient, word: bytes, status: int) -> None:
    body = b'{"word": "' + word + b'"}'
    answer = await http.post(f"{origin}/echo", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert (answer.headers["content-type"] == "application/problem+json") == (status == 400)


async def test_a_body_over_the_limit_is_refused_declared_or_not(origin: str, http: httpx2.AsyncClient) -> None:
    declared = await http.post(f"{origin}/echo", content=b" " * 1001)
    counted = await http.post(f"{origin}/echo", content=_chunks(11))
    for answer in (declared, counted):
        assert answer.status_code == 413
        assert answer.json()["type"].endswith(":content-too-large")
    assert (await http.post(f"{origin}/stream", content=_chunks(50))).json() == 5000


async def test_where_bodies_may_be_larger_they_have_a_limit_too(origin: str, http: httpx2.AsyncClient) -> None:
    for size, status in ((2000, 200), (2001, 413)):
        body = b'{"word":"%s"}' % (b"x" * (size - 11))

        async def counted(body: bytes = body) -> AsyncIterator[bytes]:
            yield body

        for content in (body, counted()):
            answer = await http.post(
                f"{origin}/longer/echo", content=content, headers={"content-type": "application/json"}
            )
            assert answer.status_code == status, answer.text


async def test_the_request_id_is_taken_over_if_it_is_harmless(origin: str, http: httpx2.AsyncClient) -> None:
    taken = await http.get(f"{origin}/livez", headers={"X-Request-ID": "abc-123.DEF"})
    assert taken.headers.get_list("x-request-id") == ["abc-123.DEF"]
    for bad in ("short", "x" * 65, "in ject", 'quo"te...'):
        replaced = await http.get(f"{origin}/livez", headers={"X-Request-ID": bad})
        assert replaced.headers["x-request-id"] != bad


async def _answer_to(origin: str, request: bytes) -> bytes:
    address = urlsplit(origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_trailer_is_not_a_header(origin: str) -> None:
    answer = await _answer_to(
        origin,
        b"POST /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\nx\r\n0\r\nX-Request-ID: from-a-trailer\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"from-a-trailer" not in answer


async def test_the_body_of_a_connect_is_not_another_request(origin: str) -> None:
    answer = await _answer_to(
        origin,
        b"CONNECT /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


async def test_an_endless_head_is_refused(origin: str) -> None:
    answer = await _answer_to(origin, b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 2_000)
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_readiness_names_what_is_wrong(origin: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(f"{origin}/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"good": "ok", "bad": "ConnectionError", "by the way": "stale 35 s"},
    }
    assert (await http.get(f"{origin}/livez")).status_code == 200


async def test_a_note_does_not_make_a_service_unready(
    serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    @asynccontextmanager
    async def noted(app: FastAPI) -> AsyncIterator[None]:
        provide(app, Readiness({}, notes={"revocations": lambda: "never reached"}))
        yield

    answer = await http.get(f"{await serve(build_app('Test', lifespan=noted, routers=[], body_limit=1))}/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"revocations": "never reached"}}


async def test_an_outside_service_is_protected_by_three_lines(
    serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    issuer = TestIssuer()
    app = FastAPI()
    protect(app, TokenVerifier(issuer.url, http=issuer.http()))

    @app.get("/mine")
    async def mine(who: Annotated[Principal, scoped("files:read")]) -> str:
        return who.subject

    url = f"{await serve(app)}/mine"
    assert (await http.get(url)).status_code == 401
    right = await http.get(url, headers={"Authorization": f"Bearer {issuer.token('me')}"})
    assert right.json() == "me"
    narrow = await http.get(url, headers={"Authorization": f"Bearer {issuer.token(scope='other')}"})
    assert narrow.status_code == 403
    assert narrow.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="files:read"'
    assert narrow.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "logged"),
    [("/s/secret", "/s/*"), ("/s/secret/more", "/s/*"), ("/s/%73ecret", "/s/*"), ("/s", "/s"), ("/sx/y", "/sx/y")],
)
async def test_a_path_that_ends_in_a_secret_is_logged_without_it(
    serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient, path: str, logged: str
) -> None:
    app = build_app("Test", lifespan=lifespan, routers=[router], body_limit=1000, secret_below=("/s/",))
    origin = await serve(app)
    with capture_logs() as events:
        await http.get(origin + path)
        async with asyncio.timeout(20):
            while not events:  # noqa: ASYNC110 - the line is written when the client has everything already
                await asyncio.sleep(0)
    assert [event["path"] for event in events if event["event"] == "request"] == [logged]
