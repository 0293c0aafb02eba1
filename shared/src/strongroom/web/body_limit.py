"""Refuses bodies that are larger than a JSON or form route has any use for, before they fill the memory."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.errors import ContentTooLarge
from strongroom.web.problems import render


class BodyLimit:
    """Pure ASGI: 413 above `limit` bytes, declared or counted; below one of `larger` that path's own limit holds.

    Paths under `streaming` look after themselves.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int, streaming: tuple[str, ...] = (), larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._streaming = streaming
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (self._streaming and scope["path"].startswith(self._streaming)):
            await self._app(scope, receive, send)
            return
        limit = next((most for start, most in self._larger.items() if scope["path"].startswith(start)), self._limit)
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refusal(limit)(scope, receive, send)
            return
        seen = 0
        refused = False

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise ContentTooLarge
            return message

        async def sending(message: Message) -> None:
            # FastAPI turns whatever reading a body raises into a 400, so the answer is put right on its way out.
            nonlocal refused
            if seen <= limit:
                await send(message)
            elif not refused:
                refused = True
                await _refusal(limit)(scope, receive, send)

        await self._app(scope, counting, sending)


def _refusal(limit: int) -> Response:
    return render(ContentTooLarge(f"At most {limit} bytes"))
