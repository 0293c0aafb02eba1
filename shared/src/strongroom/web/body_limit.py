"""Refuses bodies that are larger than a JSON or form route has any use for, before they fill the memory."""

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.errors import ContentTooLarge
from strongroom.web.problems import render


class BodyLimit:
    """Pure ASGI: 413 above `limit` bytes, declared or counted. Paths under `streaming` look after themselves."""

    def __init__(self, app: ASGIApp, *, limit: int, streaming: tuple[str, ...] = ()) -> None:
        self._app = app
        self._limit = limit
        self._streaming = streaming

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (self._streaming and scope["path"].startswith(self._streaming)):
            await self._app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and int(declared) > self._limit:
            await self._refusal()(scope, receive, send)
            return
        seen = 0
        refused = False

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise ContentTooLarge
            return message

        async def sending(message: Message) -> None:
            # FastAPI turns whatever reading a body raises into a 400, so the answer is put right on its way out.
            nonlocal refused
            if seen <= self._limit:
                await send(message)
            elif not refused:
                refused = True
                await self._refusal()(scope, receive, send)

        await self._app(scope, counting, sending)

    def _refusal(self) -> Response:
        return render(ContentTooLarge(f"At most {self._limit} bytes"))
