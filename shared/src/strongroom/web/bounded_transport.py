"""A connection that ends when it is to end, and reads nothing while it cannot write."""

import asyncio
from typing import Any

_SECONDS = 10.0  # for a client to take what it is still to get


class BoundedTransport:
    """Stands before uvicorn's transport for its WebSockets.

    A transport that is closed waits until its client has taken everything, and so for ever if it takes nothing: here it
    is given up after ten seconds. What is read while nothing can be written may call for an answer each, as pings do.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._is_deaf = False
        self._ending: asyncio.TimerHandle | None = None

    def close(self) -> None:
        self._transport.close()
        self.abort_soon()

    def abort_soon(self) -> None:
        if self._ending is None:
            self._ending = self._loop.call_later(_SECONDS, self._transport.abort)

    def is_gone(self) -> None:
        if self._ending is not None:
            self._ending.cancel()

    def pause(self) -> None:
        """It can write no more."""
        self._transport.pause_reading()

    def resume(self) -> None:
        if not (self._is_deaf or self._transport.is_closing()):
            self._transport.resume_reading()

    def deafen(self) -> None:
        """Nothing more is read: what else the client says stays where it is."""
        self._is_deaf = True
        self._transport.pause_reading()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
