"""Answers that do something about another answer while it is sent."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.errors import AppError


class Taken(Response):
    """A download that was counted already; if it cannot begin, it is given back."""

    def __init__(self, answer: ASGIApp, give_back: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._answer = answer
        self._give_back = give_back

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._answer(scope, receive, sending)
        except AppError:
            if not begun:
                await self._give_back()
            raise


class Confidential(Response):
    """Whatever is answered, its address is a secret, and what it is depends on who asks."""

    _HEADERS = ((b"referrer-policy", b"no-referrer"), (b"x-robots-tag", b"noindex"), (b"vary", b"accept"))

    def __init__(self, answer: ASGIApp) -> None:
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._HEADERS]
            await send(message)

        await self._answer(scope, receive, sending)
