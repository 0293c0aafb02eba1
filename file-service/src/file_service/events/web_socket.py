"""Events over a WebSocket (RFC 6455): a text message each."""

import asyncio
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from file_service.events.audience import Audience
from file_service.events.errors import EventsGone
from file_service.events.listening import Ending, Listener, Request

PROTOCOL = "strongroom.v1"
_BEARER = "bearer."


def token_of(websocket: WebSocket) -> str | None:
    """From `Authorization`, or, since browsers can send none, from the protocols that are offered."""
    scheme, _, token = websocket.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    offered = (one.removeprefix(_BEARER) for one in websocket.scope["subprotocols"] if one.startswith(_BEARER))
    return next(offered, None)


async def serve(websocket: WebSocket, audience: Audience, request: Request) -> None:
    """Raises TooManyListeners before it is accepted. What the client says is not listened to."""
    with audience.seat(request, websocket.scope) as listener:
        position: int | None = None
        with suppress(EventsGone):
            position = await audience.position(listener.owner, request.after)
        await websocket.accept(PROTOCOL if PROTOCOL in websocket.scope["subprotocols"] else None)
        if position is None:
            # After it is accepted, for browsers tell their scripts nothing of a refusal.
            listener.end(Ending.GONE)
        else:
            await _talk(websocket, audience, listener, position)
        if listener.ending is not None and listener.ending not in (Ending.CLIENT_LEFT, Ending.TOO_SLOW):
            with listener.sending(), suppress(WebSocketDisconnect, RuntimeError):  # it may have been cut off meanwhile
                await websocket.close(listener.ending.code, listener.ending.reason)


async def _talk(websocket: WebSocket, audience: Audience, listener: Listener, position: int) -> None:
    async def watch() -> None:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass
        listener.end(Ending.CLIENT_LEFT)

    watching = asyncio.create_task(watch())
    try:
        await _tell(websocket, audience, listener, position)
    except WebSocketDisconnect:
        listener.end(Ending.CLIENT_LEFT)
    finally:
        watching.cancel()


async def _tell(websocket: WebSocket, audience: Audience, listener: Listener, position: int) -> None:
    async for told in audience.batches(listener, position):
        if told:  # the server's pings are heartbeats enough
            with listener.sending():
                await websocket.send({"type": "websocket.send", "frames": b"".join(one.frame for one in told)})
