"""Refuses JSON whose strings are no text: halves of surrogate pairs, which nothing behind could store or hash."""

import re

from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.errors import BadRequest

# An escaped half, one in the bytes themselves, or another encoding than UTF-8.
_SUSPECT = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]|\x00")


class NotText(BadRequest):
    slug = "not-text"
    title = "A string in the body is not Unicode text"


class JsonText:
    """Pure ASGI, inside the limit of a body's size. FastAPI answers 400 for what is raised while it reads a body.

    Bodies of paths that begin with one of `streaming` are none of its business.

    Python's parser lets through what RFC 8259 §8.1 forbids and §8.2 calls unpredictable.
    """

    def __init__(self, app: ASGIApp, *, streaming: tuple[str, ...] = ()) -> None:
        self._app = app
        self._streaming = streaming

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._streaming) or not _is_json(scope):
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def checking() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            if not message.get("more_body", False) and _SUSPECT.search(body):
                _require_text(bytes(body))
            return message

        await self._app(scope, checking, send)


def _is_json(scope: Scope) -> bool:
    return any(name == b"content-type" and b"json" in value.lower() for name, value in scope["headers"])


def _require_text(body: bytes) -> None:
    try:
        from_json(body)
    except ValueError as error:
        raise NotText from error
