import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from gateway.routing import Routes

Connect = Callable[[str], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
Before = Callable[..., Awaitable[str]]

ROUTES = Routes({"/auth": "auth", "/.well-known": "auth", "/files": "files", "/s": "files", "/files/events": "events"})


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/auth", "auth"),
        ("/auth/", "auth"),
        ("/auth/token", "auth"),
        ("/.well-known/jwks.json", "auth"),
        ("/files", "files"),
        ("/files/a/b", "files"),
        ("/s/abc", "files"),
        ("/files/events", "events"),
        ("/files/eventsource", "files"),
        ("/authors", None),
        ("/static", None),
        ("/", None),
        ("", None),
        ("//auth", None),
        ("/AUTH", None),
        ("/x/auth", None),
    ],
)
def test_a_path_belongs_to_the_longest_prefix_of_whole_segments(path: str, owner: str | None) -> None:
    assert ROUTES.owner(path) == owner


async def everything(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the path that a service would route by."""
    await JSONResponse(scope["path"])(scope, receive, send)


async def answer_to(connect: Connect, origin: str, target: str) -> tuple[bytes, bytes]:
    """Head and body. The target goes as it is, which a client library would not let it."""
    reader, writer = await connect(origin)
    writer.write(f"DELETE {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(20):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    return head, body


@pytest.mark.parametrize(
    "target",
    [
        "/files/internal",
        "/files/internal/",
        "/files/internal/owners/1",
        "/files/internal?x",
        "/files/%69nternal/owners/1",
        "/%66iles/internal/owners/1",
        "/files%2finternal%2Fowners/1",
        "/files/internal%2Fowners/1",
        "/files/internal%2e/../internal/owners/1",
        "/files/./internal/owners/1",
        "/files/%2e/internal/owners/1",
        "/files/x/../internal/owners/1",
        "/files/x/%2e%2E/internal/owners/1",
        "/files//internal/owners/1",
        "/files///internal//owners/1",
        "/files/Internal/owners/1",
        "/files/INTERNAL/owners/1",
        "//files/internal/owners/1",
        "/FILES/internal/owners/1",
        "/s/../files/internal/owners/1",
        "http://x/files/internal/owners/1",
    ],
)
async def test_what_services_keep_for_each_other_is_not_there(before: Before, connect: Connect, target: str) -> None:
    head, body = await answer_to(connect, await before(everything, routes={"/x": "http://127.0.0.1:1"}), target)
    assert head.startswith(b"HTTP/1.1 404 "), head
    assert json.loads(body)["type"] == "urn:problem-type:strongroom:not-found"


@pytest.mark.parametrize(
    "path", ["/files/internals", "/files/raw/internal/x", "/files/internal.txt", "/auth/internal", "/s/internal"]
)
async def test_what_only_sounds_like_it_is(before: Before, connect: Connect, path: str) -> None:
    head, body = await answer_to(connect, await before(everything), path)
    assert (head.split(b" ")[1], json.loads(body)) == (b"200", path)


async def test_what_is_encoded_twice_no_service_takes_for_it(before: Before, connect: Connect) -> None:
    _, body = await answer_to(connect, await before(everything), "/files/%2569nternal/owners/1")
    assert json.loads(body) == "/files/%69nternal/owners/1"
