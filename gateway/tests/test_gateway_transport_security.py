"""Behind TLS every answer says that nothing else is to be used any more (RFC 6797)."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

Before = Callable[..., Awaitable[str]]


async def plain(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize("path", ["/files", "/auth/profile", "/s/x", "/health", "/docs", "/nowhere"])
async def test_browsers_come_by_tls_only_from_then_on(before: Before, http: httpx2.AsyncClient, path: str) -> None:
    origin = await before(plain, public_url="https://strongroom.example")
    answer = await http.get(f"{origin}{path}")
    assert answer.headers.get_list("strict-transport-security") == ["max-age=31536000"]


@pytest.mark.parametrize("path", ["/files", "/health", "/nowhere"])
async def test_where_there_is_no_tls_nothing_is_promised(before: Before, http: httpx2.AsyncClient, path: str) -> None:
    """Also where a proxy speaks of TLS: the operator has not said that it is there to stay."""
    origin = await before(plain, public_url="http://strongroom.example")
    answer = await http.get(f"{origin}{path}", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in answer.headers
