"""What browsers are told about the pages and refusals that the gateway writes itself."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing may load or frame an answer that is not a page. A page brings its own policy.
_POLICY = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class SecurityHeaders:
    """Pure ASGI. The services see to their own answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), *_ALWAYS]
                if not any(name == _POLICY[0] for name, _ in headers):
                    headers.append(_POLICY)
                message["headers"] = headers
            await send(message)

        await self._app(scope, receive, sending)
