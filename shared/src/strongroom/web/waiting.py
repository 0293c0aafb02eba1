"""Lets a request wait without outliving its client, and without holding up the end of the process."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

T = TypeVar("T")

_EXTENSION = "strongroom.stopping"


class Stopping:
    """Pure ASGI: lets the requests that wait know when the process has been asked to stop."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._stopping = asyncio.Event()

    def begin(self) -> None:
        self._stopping.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[_EXTENSION] = self._stopping
        await self._app(scope, receive, send)


def stopping_of(scope: Scope) -> asyncio.Event | None:
    """Set when the process has been asked to stop; None where nothing would tell."""
    event: asyncio.Event | None = scope.get("extensions", {}).get(_EXTENSION)
    return event


async def while_wanted(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """What `work` gives, or None as soon as the client has gone or the process stops; `work` is cancelled then.

    Only for requests without a body.
    """
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(_departure(request))]
    stopping = stopping_of(request.scope)
    if stopping is not None:
        tasks.append(asyncio.create_task(stopping.wait()))
    wanted = asyncio.create_task(work)
    tasks.append(wanted)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return wanted.result() if wanted.done() else None
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _departure(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
