"""What the gateway itself answers: refusals, and its own pages."""

import asyncio
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Scope

from gateway.headers import Sender
from gateway.messages import Fields, Request
from strongroom.errors import AppError
from strongroom.web.problems import render

# Nothing may load or frame an answer that is not a page. A page brings its own policy.
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


@dataclass(slots=True)
class OwnAnswer:
    """Whole, with what browsers are told about every answer of the gateway's own."""

    status: int
    fields: Fields
    body: bytes = b""


@dataclass(slots=True)
class _Collected:
    status: int = 500
    fields: Fields = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.fields = list(message.get("headers", ()))
        else:
            self.body += message.get("body", b"")


def refusal(error: AppError) -> OwnAnswer:
    """A problem document (RFC 9457)."""
    response = render(error)
    return _guarded(OwnAnswer(response.status_code, list(response.raw_headers), bytes(response.body)))


async def page(pages: ASGIApp, request: Request, sender: Sender) -> OwnAnswer:
    """What an application of small pages answers; it is told nothing of a body."""
    path, _, query = request.target.partition(b"?")
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method.decode("ascii"),
        "scheme": sender.scheme.decode("latin-1"),
        "path": request.path,
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": request.fields,
        "client": (sender.address, 0),
        "server": None,
        "state": {},
        "extensions": {},
    }
    collected = _Collected()
    await pages(scope, _NoBody(), collected)
    return _guarded(OwnAnswer(collected.status, collected.fields, bytes(collected.body)))


def _guarded(answer: OwnAnswer) -> OwnAnswer:
    answer.fields += _ALWAYS
    if all(name != _POLICY[0] for name, _ in answer.fields):
        answer.fields.append(_POLICY)
    return answer


class _NoBody:
    """As if the client had sent nothing, and then waited for its answer."""

    def __init__(self) -> None:
        self._was_asked = False

    async def __call__(self) -> Message:
        if self._was_asked:
            await asyncio.get_running_loop().create_future()
        self._was_asked = True
        return {"type": "http.request", "body": b"", "more_body": False}
