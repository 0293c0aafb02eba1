"""Gives each request its id, tells on whose behalf it is served, and writes one line about it when it is over."""

import re
import time
from typing import Protocol
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.call_context import CallContext, within
from strongroom.spans import Kind, Span, exported_to
from strongroom.trace_context import Trace, trace_of

log = structlog.get_logger()

REQUEST_ID = b"x-request-id"
_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_CLIENT_CLOSED_REQUEST = 499
_SERVER_ERROR = 500
_SWITCHING = 101
_BEGINNINGS = {"http.response.start", "websocket.http.response.start", "websocket.accept"}
_QUIET = {"/livez", "/metrics", "/readyz"}


def request_id(scope: Scope) -> str:
    """The id that the caller sent, if it is harmless in a header and a log line, else a new one."""
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _ACCEPTABLE.fullmatch(value):
            return str(value, "ascii")
    return uuid4().hex


def trace(scope: Scope) -> Trace | None:
    """What the caller said, if it is valid. Nothing is made up."""
    parents, states = (
        [str(value, "latin-1") for name, value in scope["headers"] if name == wanted]
        for wanted in (b"traceparent", b"tracestate")
    )
    return trace_of(parents, states)


class Watching(Protocol):
    """Is told of every request that is over."""

    def add(self, request: "Served") -> None: ...


class Served:
    """One request. `status` is what was answered, 499 if nothing was; sizes are of bodies, in bytes.

    `route` is the template that the path was found under, None where there is none; `seconds` are those until the head
    of the answer, since what streams takes as long as its client does.
    """

    __slots__ = ("_began", "_scope", "method", "received", "seconds", "sent", "status")

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._began = time.perf_counter()
        self.method: str = scope.get("method", "GET")
        self.status = _CLIENT_CLOSED_REQUEST  # unless something is answered
        self.seconds: float | None = None
        self.received = 0
        self.sent = 0

    @property
    def route(self) -> str | None:
        path: str | None = getattr(self._scope.get("route"), "path", None)
        return path

    def began(self, status: int) -> None:
        self.status = status
        self.seconds = self.elapsed

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self._began


class AccessLog:
    """Pure ASGI: answers carry `X-Request-ID`, and every line logged meanwhile carries `request_id`, and `trace_id`
    where the caller sent a `traceparent` or spans are exported. Calls and jobs that the request leads to are tied to it
    (`call_context`). `watching` is told of each request.

    What stands below one of the `secret_below` in a path opens something by itself, so it is not logged. Spans tell of
    no path but the template.
    """

    def __init__(self, app: ASGIApp, *, secret_below: tuple[str, ...] = (), watching: Watching | None = None) -> None:
        self._app = app
        self._secret_below = secret_below
        self._watching = watching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        identity = request_id(scope)
        # In place of what the client sent, so that whoever passes the request on tells the same id.
        others = [(name, value) for name, value in scope["headers"] if name != REQUEST_ID]
        scope["headers"] = [*others, (REQUEST_ID, identity.encode())]
        served = Served(scope)

        async def receiving() -> Message:
            message = await receive()
            served.received += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] in _BEGINNINGS:
                served.began(message.get("status", _SWITCHING))
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, identity.encode())]
            else:
                served.sent += len(message.get("body", b""))
            await send(message)

        span = _span(scope)
        peer = scope["client"][0] if scope.get("client") else None
        context = CallContext(identity, trace(scope) if span is None else span.trace)
        with within(context), structlog.contextvars.bound_contextvars(**context.logged(), client=peer):
            try:
                await self._app(scope, receiving, sending)
            except Exception:
                if served.seconds is None:
                    served.status = _SERVER_ERROR  # which Starlette answers outside of all middleware
                raise
            finally:
                self._tell(scope["path"], served)
                if span is not None:
                    _end(span, served)

    def _tell(self, path: str, served: Served) -> None:
        if self._watching is not None:
            self._watching.add(served)
        if path not in _QUIET:
            log.info(
                "request",
                method=served.method,
                path=self._loggable(path),
                status=served.status,
                ms=round(served.elapsed * 1000, 1),
            )

    def _loggable(self, path: str) -> str:
        prefix = next((prefix for prefix in self._secret_below if path.startswith(prefix)), None)
        return path if prefix is None else f"{prefix}*"


def _span(scope: Scope) -> Span | None:
    spans = exported_to()
    if spans is None or scope["path"] in _QUIET:
        return None
    method = scope.get("method", "GET")
    attributes = {"http.request.method": method, "url.scheme": scope.get("scheme", "http")}
    return spans.start(method, Kind.SERVER, trace(scope), attributes)


def _end(span: Span, served: Served) -> None:
    """What it was about is known only now."""
    if served.route is not None:
        span.rename(f"{served.method} {served.route}")
        span.add({"http.route": served.route})
    span.add(
        {
            "http.response.status_code": served.status,
            "http.request.body.size": served.received,
            "http.response.body.size": served.sent,
        }
    )
    span.end(str(served.status) if served.status >= _SERVER_ERROR else None)
