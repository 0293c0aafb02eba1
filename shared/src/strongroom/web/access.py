"""Gives each request its id, tells on whose behalf it is served, and writes one line about it when it is over."""

import re
import time
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.call_context import CallContext, within
from strongroom.trace_context import Trace, trace_of

log = structlog.get_logger()

REQUEST_ID = b"x-request-id"
_ACCEPTABLE = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_CLIENT_CLOSED_REQUEST = 499
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


class AccessLog:
    """Pure ASGI: answers carry `X-Request-ID`, and every line logged meanwhile carries `request_id`, and `trace_id`
    where the caller sent a `traceparent`. Calls and jobs that the request leads to are tied to it (`call_context`).

    What stands below one of the `secret_below` in a path opens something by itself, so it is not logged.
    """

    def __init__(self, app: ASGIApp, *, secret_below: tuple[str, ...] = ()) -> None:
        self._app = app
        self._secret_below = secret_below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        identity = request_id(scope)
        # In place of what the client sent, so that whoever passes the request on tells the same id.
        others = [(name, value) for name, value in scope["headers"] if name != REQUEST_ID]
        scope["headers"] = [*others, (REQUEST_ID, identity.encode())]
        status = _CLIENT_CLOSED_REQUEST  # unless something is answered
        started = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] in _BEGINNINGS:
                status = message.get("status", _SWITCHING)
                message["headers"] = [*message.get("headers", ()), (REQUEST_ID, identity.encode())]
            await send(message)

        peer = scope["client"][0] if scope.get("client") else None
        context = CallContext(identity, trace(scope))
        with within(context), structlog.contextvars.bound_contextvars(**context.logged(), client=peer):
            try:
                await self._app(scope, receive, sending)
            finally:
                if scope["path"] not in _QUIET:
                    log.info(
                        "request",
                        method=scope.get("method", "GET"),
                        path=self._loggable(scope["path"]),
                        status=status,
                        ms=round((time.perf_counter() - started) * 1000, 1),
                    )

    def _loggable(self, path: str) -> str:
        prefix = next((prefix for prefix in self._secret_below if path.startswith(prefix)), None)
        return path if prefix is None else f"{prefix}*"
