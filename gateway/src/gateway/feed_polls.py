"""Keeps verifiers that follow the revocations through the gateway from holding up its end."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.security_headers import SecurityHeaders
from strongroom.errors import Unavailable
from strongroom.web.problems import render
from strongroom.web.waiting import stopping_of

_FEED = "/auth/revocations"


class FeedPolls:
    """Pure ASGI: a poll that is still unanswered when the process is to stop is given up, and told to come again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stopping = stopping_of(scope) if scope.get("path") == _FEED else None
        if stopping is None:
            await self._app(scope, receive, send)
            return
        answered = False

        async def receiving() -> Message:
            # As if the client had gone: that ends the request to the service too.
            return await _first(receive, stopping) or {"type": "http.disconnect"}

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, receiving, sending)
        if not answered and stopping.is_set():
            await SecurityHeaders(render(Unavailable(headers={"Retry-After": "1"})))(scope, receive, send)


async def _first(receive: Receive, stopping: asyncio.Event) -> Message | None:
    """The next message, or None if the stop comes first."""
    message = asyncio.ensure_future(receive())
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait([message, stop], return_when=asyncio.FIRST_COMPLETED)
        return message.result() if message.done() else None
    finally:
        message.cancel()
        stop.cancel()
