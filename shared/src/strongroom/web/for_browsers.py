"""Tells browsers what they may do with an answer, wherever it does not say so itself."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# As of data: nobody guesses another type, frames it, loads it into a page of theirs or is told its address.
_UNLESS_SAID = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class ForBrowsers:
    """Pure ASGI. Pages and what is shown in a browser bring a policy of their own, which stands.

    Cross-origin resource policy is no matter to CORS: a page that is allowed to fetch reads all the same.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                said = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(field for field in _UNLESS_SAID if field[0] not in said)]
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
