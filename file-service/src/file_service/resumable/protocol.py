"""What of tus 1.0 holds for every address below `/files/uploads`: the version, and the method in a header."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

VERSION = "1.0.0"
EXTENSIONS = (
    "creation",
    "creation-with-upload",
    "creation-defer-length",
    "checksum",
    "concatenation",
    "expiration",
    "termination",
)
PATH = "/files/uploads"

_METHODS = frozenset({"DELETE", "HEAD", "OPTIONS", "PATCH", "POST"})


class TusProtocol:
    """Pure ASGI: every answer has `Tus-Resumable`, and `X-HTTP-Method-Override` names the method that is meant."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not (scope["path"] == PATH or scope["path"].startswith(f"{PATH}/")):
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"tus-resumable", VERSION.encode())]
            await send(message)

        meant = next((value for name, value in scope["headers"] if name == b"x-http-method-override"), b"")
        method = meant.decode("latin-1").strip().upper()
        await self._app({**scope, "method": method} if method in _METHODS else scope, receive, sending)
