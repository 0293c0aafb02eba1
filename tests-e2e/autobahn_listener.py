"""Listens to events with `autobahn`."""

import asyncio
import json
from typing import Any, cast

import httpx2
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol


class Listener(WebSocketClientProtocol):
    """What came, and how it ended; its own methods are those of `autobahn`."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed: asyncio.Queue[tuple[bool, int | None, str | None]] = asyncio.Queue()

    def onOpen(self) -> None:  # noqa: N802
        self.opened.set()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        assert not isBinary
        self.heard.put_nowait(json.loads(payload))

    def onPong(self, payload: bytes) -> None:  # noqa: N802
        self.pongs.put_nowait(payload)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        self.closed.put_nowait((wasClean, code, reason))


async def autobahn(url: str, token: str) -> Any:
    """A Listener, whose other methods have no types."""
    at, untyped = httpx2.URL(url), cast("Any", WebSocketClientFactory)
    factory = untyped(f"ws://{at.host}:{at.port}/files/events", protocols=["strongroom.v1", f"bearer.{token}"])
    factory.protocol = Listener
    _, listener = await asyncio.get_running_loop().create_connection(factory, at.host, at.port or 80)
    await listener.opened.wait()
    return listener
