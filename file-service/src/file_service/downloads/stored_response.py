"""Sends bytes out of the store without ever leaving a connection to it behind."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

Opening = Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]

# A client that takes nothing for so long holds a connection that others could use; it can resume with a `Range`.
_PATIENCE = 300.0


class _Stalled(Exception):
    """Not a TimeoutError, which would be taken for the store's."""


class _Gone(Exception):
    """The client. The server lets everything be sent to it all the same."""


class StoredResponse(StreamingResponse):
    """Opens when it is sent and not when it is made, so that one which is thrown away costs nothing.

    It opens before the head goes out: what the store refuses is answered as that, and a 200 or 206 is meant. The
    `headers` are all there are; without a `Content-Length` the body goes in chunks.
    """

    def __init__(
        self, opening: Opening, status: int, headers: Mapping[str, str], *, patience: float = _PATIENCE
    ) -> None:
        super().__init__((), status, headers)
        self._opening = opening
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_gone = False

        async def receiving() -> Message:
            nonlocal is_gone
            message = await receive()
            is_gone = message["type"] == "http.disconnect"
            return message

        async def sending(message: Message) -> None:
            # It is cancelled, too; but that has to find it waiting for the store, and a fast one never lets it wait.
            if is_gone:
                raise _Gone
            try:
                async with asyncio.timeout(self._patience):
                    await send(message)
            except TimeoutError as error:
                raise _Stalled from error

        # Returning before the end makes the server close the connection.
        with suppress(_Stalled, _Gone):
            # The client's going cancels the streaming inside, even if it never began; leaving frees the connection.
            async with self._opening() as chunks:
                self.body_iterator = chunks
                await super().__call__(scope, receiving, sending)
