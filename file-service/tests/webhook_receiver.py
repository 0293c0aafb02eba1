"""A program that webhooks are sent to: it remembers what came, and answers as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from standardwebhooks import Webhook
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send


@dataclass(frozen=True)
class Message:
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> Any:
        return from_json(self.body)

    @property
    def data(self) -> Any:
        return self.event["data"]

    def verified(self, secret: str) -> Any:
        """The event. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, dict(self.headers))


Answer = Callable[[Message], Awaitable[Response]]


class Receiver:
    """`answer` may be replaced. What it was asked is in `received`, also what it has not answered yet."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.answer: Answer = self.accept
        self.under_way = self.most_at_once = 0
        self._news = asyncio.Condition()

    async def accept(self, _: Message) -> Response:
        return Response(status_code=204)

    def statuses(self, *statuses: int, **headers: str) -> None:
        """Of the next answers; the last one is given from then on."""
        left = list(statuses)

        async def answer(_: Message) -> Response:
            return Response(status_code=left.pop(0) if len(left) > 1 else left[0], headers=headers)

        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        request = Request(scope, receive)
        message = Message(dict(request.headers), await request.body())
        self.under_way += 1
        self.most_at_once = max(self.under_way, self.most_at_once)
        try:
            async with self._news:
                self.received.append(message)
                self._news.notify_all()
            await (await self.answer(message))(scope, receive, send)
        finally:
            self.under_way -= 1

    async def until(self, count: int) -> list[Message]:
        """What was received, once there is so much."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)
        return list(self.received)
