"""Events over HTTP: `text/event-stream` (HTML standard §9.2)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from file_service.events.audience import Audience
from file_service.events.listening import Ending, Listener, Request

_HEAD = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back until it has a page of them
]


class EventStream(Response):
    """Whoever is cut off asks again with the `Last-Event-ID` that they have, which heartbeats move on too.

    Raises TooManyListeners, EventsGone before anything is sent. At its end it says why, as the event `stream.closed`.
    """

    def __init__(self, audience: Audience, request: Request) -> None:
        super().__init__()
        self._audience = audience
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._audience.seat(self._request, scope) as listener:
            position = await self._audience.position(listener.owner, self._request.after)
            await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
            async with _leaving(receive, listener):
                await _send(send, b"id: %d\n\n" % position)
                async for told in self._audience.batches(listener, position):
                    with listener.sending():
                        await _send(send, b"".join(one.block for one in told) or b"id: %d\n\n" % listener.position)
                if listener.ending is not None and listener.ending not in (Ending.CLIENT_LEFT, Ending.TOO_SLOW):
                    with listener.sending():
                        await _send(send, _farewell(listener.ending))
                        await send({"type": "http.response.body", "body": b""})


def _farewell(ending: Ending) -> bytes:
    return b"event: stream.closed\ndata: %b\n\n" % to_json({"reason": ending.reason})


async def _send(send: Send, block: bytes) -> None:
    await send({"type": "http.response.body", "body": block, "more_body": True})


@asynccontextmanager
async def _leaving(receive: Receive, listener: Listener) -> AsyncIterator[None]:
    """The listener ends when its client leaves."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        listener.end(Ending.CLIENT_LEFT)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
