"""Which pages of other origins may use the API, and what their scripts may read."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

Before = Callable[..., Awaitable[str]]

APP = "https://app.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,tus-resumable,upload-offset",
}


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["method"], headers={"Location": "/files/1"})(scope, receive, send)


@pytest.fixture
async def origin(before: Before) -> str:
    return await before(service, cors_origins=f"{APP}, https://other.example")


async def test_a_named_origin_may_ask_and_read(origin: str, http: httpx2.AsyncClient) -> None:
    asked = await http.options(f"{origin}/files/uploads/1", headers={"Origin": APP, **PREFLIGHT})
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers["access-control-allow-origin"] == APP
    assert "PATCH" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == PREFLIGHT["Access-Control-Request-Headers"]
    assert "access-control-allow-credentials" not in asked.headers
    answer = await http.patch(f"{origin}/files/uploads/1", headers={"Origin": APP})
    assert answer.text == "PATCH"
    assert answer.headers["access-control-allow-origin"] == APP
    assert "Upload-Offset" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers.get_list("vary")


async def test_a_refusal_can_be_read_too(origin: str, http: httpx2.AsyncClient) -> None:
    answer = await http.get(f"{origin}/nowhere", headers={"Origin": APP})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, APP)


@pytest.mark.parametrize("stranger", ["https://evil.example", f"{APP}.evil.example", "null", "http://app.example"])
async def test_other_origins_are_allowed_nothing(origin: str, http: httpx2.AsyncClient, stranger: str) -> None:
    for answer in (
        await http.options(f"{origin}/files", headers={"Origin": stranger, **PREFLIGHT}),
        await http.get(f"{origin}/files", headers={"Origin": stranger}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "Origin" in answer.headers.get_list("vary")


async def test_by_default_nobody_is_allowed_anything(before: Before, http: httpx2.AsyncClient) -> None:
    origin = await before(service)
    answer = await http.options(f"{origin}/files", headers={"Origin": APP, **PREFLIGHT})
    assert answer.text == "OPTIONS"  # the service's own
    assert "vary" not in answer.headers


async def test_all_origins_can_be_allowed(before: Before, http: httpx2.AsyncClient) -> None:
    origin = await before(service, cors_origins="*")
    answer = await http.get(f"{origin}/files", headers={"Origin": APP})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "vary" not in answer.headers
