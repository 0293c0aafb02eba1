"""A token endpoint that answers as it is told to, for tests of those who get tokens from one."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

PATH = "/auth/token"


def granted(token: str, **more: object) -> Response:
    return Response(json.dumps({"access_token": token, "token_type": "bearer", "expires_in": 900} | more))


@dataclass
class TokenEndpoint:
    """Without `answers` it gives `token-1`, `token-2`… as long as `open` is set."""

    answers: list[Response] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    lifetime: object = 900
    open: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def token(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), await request.body()))
        self.asked.set()
        await self.open.wait()
        return self.answers.pop(0) if self.answers else granted(f"token-{self.count}", expires_in=self.lifetime)

    @property
    def count(self) -> int:
        return len(self.requests)

    def app(self) -> Starlette:
        self.open.set()
        return Starlette(routes=[Route(PATH, self.token, methods=["POST"])])


def endless() -> Response:
    """White space, before a token that never comes."""

    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536
            await asyncio.sleep(0)  # to notice that nobody listens any more

    return StreamingResponse(chunks(), media_type="application/json")
