"""A server that answers as a test says, for tests of the client library."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Answering = Callable[[Request], Awaitable[Response] | Response]
_MOMENT = "2026-11-24T21:18:50.610045Z"


class ScriptedServer:
    """`answer` is asked for each request, which is in `requests` by then with its body in `bodies`."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        self.bodies.append(await request.body())
        self.requests.append(request)
        found = self.answer(request)
        await (found if isinstance(found, Response) else await found)(scope, receive, send)

    @property
    def lines(self) -> list[str]:
        return [f"{one.method} {one.url.path}" for one in self.requests]


def document(value: object, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(value), status, headers, media_type="application/json")


def problem(status: int, slug: str, **members: object) -> Response:
    body = {"type": f"urn:problem-type:strongroom:{slug}", "title": f"A {slug}", "status": status, **members}
    return Response(json.dumps(body), status, media_type="application/problem+json")


def a_file(**more: object) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "filename": "q3.pdf",
        "path": "reports/q3.pdf",
        "size": 5,
        "content_type": "application/pdf",
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "version": 1,
        "tags": [],
        "metadata": {},
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
        **more,
    }


class OneToken:
    """A source of the same token."""

    def __init__(self) -> None:
        self.discarded: list[str] = []

    async def token(self) -> str:
        return "token-1"

    def discard(self, token: str) -> None:
        self.discarded.append(token)
