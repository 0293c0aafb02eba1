"""Closes the connection gently when an answer comes before the request's body was read."""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CLOSE = (b"connection", b"close")


class EarlyAnswers:
    """Pure ASGI: such an answer says `Connection: close`, and reaches the client whole before the connection closes.

    A socket that is closed while bytes are still coming in is reset, and a reset can overtake the answer. So the rest
    of the body is read and thrown away for a while first (RFC 9112 §9.6), at most `patience` seconds and `most` bytes.
    """

    def __init__(self, app: ASGIApp, *, patience: float = 5.0, most: int = 64 * 1024 * 1024) -> None:
        self._app = app
        self._patience = patience
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _announces_body(scope):
            await self._app(scope, receive, send)
            return
        unread = True

        async def receiving() -> Message:
            nonlocal unread
            message = await receive()
            unread = message.get("more_body", False)
            return message

        async def sending(message: Message) -> None:
            if unread and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), _CLOSE]
            elif unread and not message.get("more_body", False):
                await send({**message, "more_body": True})
                await self._linger(receive)
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        await self._app(scope, receiving, sending)

    async def _linger(self, receive: Receive) -> None:
        left = self._most
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return


def _announces_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} and value != b"0" for name, value in scope["headers"])
