"""The client's side of one exchange: hands out its request body and notices when it goes away."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Receive


class ClientGone(Exception):
    """The client closed its connection before it had its whole answer."""


class Client:
    """Nobody else may call `receive` meanwhile: it is either the body that waits for a message or `departure`."""

    def __init__(self, receive: Receive, *, has_body: bool) -> None:
        self._receive = receive
        self._gone = False
        self._body_over = asyncio.Event()
        self.body: AsyncIterator[bytes] | None = self._chunks() if has_body else None
        if not has_body:
            self._body_over.set()

    async def departure(self) -> None:
        """Raises ClientGone as soon as the client goes away; never returns."""
        await self._body_over.wait()
        while not self._gone:
            await self._next()
        raise ClientGone

    async def _chunks(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            more, chunk = await self._next()
            if self._gone:
                # Ending here would make a cut-off body look complete. `departure` gets the exchange cancelled.
                self._body_over.set()
                await asyncio.get_running_loop().create_future()
            if not more:
                self._body_over.set()
            yield chunk

    async def _next(self) -> tuple[bool, bytes]:
        message = await self._receive()
        self._gone = message["type"] == "http.disconnect"
        return message.get("more_body", False), message.get("body", b"")
