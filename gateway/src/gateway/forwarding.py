"""Streams one request to a service and its answer back, without holding either."""

import asyncio

import structlog
from starlette.types import Message, Receive, Scope, Send

from gateway.client import Client, ClientGone
from gateway.errors import UpstreamError
from gateway.headers import has_body, request_headers, response_headers
from gateway.routing import raw_target
from gateway.security_headers import SecurityHeaders
from gateway.upstreams import Upstream
from strongroom.errors import AppError
from strongroom.web.problems import render

log = structlog.get_logger()


async def forward(upstream: Upstream, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what the service answers, or with a problem if there is no answer.

    A client that goes away cancels the request at once; so the service sees its connection closed, a body cut off.
    """
    try:
        client = Client(receive, has_body=has_body(scope["headers"]))
    except AppError as error:
        await _refuse(error, scope, send)
        return
    try:
        async with asyncio.TaskGroup() as tasks:
            departure = tasks.create_task(client.departure())
            await _exchange(upstream, scope, client, send)
            departure.cancel()
    except* ClientGone:
        log.info("client.gone", service=upstream.name)


async def _exchange(upstream: Upstream, scope: Scope, client: Client, send: Send) -> None:
    answering = False
    try:
        target, headers = raw_target(scope), request_headers(scope)
        async with upstream.request(scope["method"], target, headers, client.body) as response:
            answering = True
            head = response_headers(response.status, response.headers)
            await send({"type": "http.response.start", "status": response.status, "headers": head})
            async for chunk in response.chunks():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except AppError as error:
        _log(upstream, error)
        if not answering:
            await _refuse(error, scope, send)
        # An answer that stays unfinished makes the server break the connection, so the client knows it is cut off.
        return
    # Only now, outside: whoever sends the end may want to read what is left of the request's body.
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _log(upstream: Upstream, error: AppError) -> None:
    if isinstance(error, UpstreamError):
        # Not in its own words: the client library's tell the whole address and headers, and so tokens.
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        log.warning("upstream.failed", service=upstream.name, problem=error.slug, cause=cause)


async def _refuse(error: AppError, scope: Scope, send: Send) -> None:
    await SecurityHeaders(render(error))(scope, _unread, send)


async def _unread() -> Message:
    raise RuntimeError("a problem document needs nothing from the request")
