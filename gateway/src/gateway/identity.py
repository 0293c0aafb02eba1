"""Gives a request its id before anything else sees it, so that the access log and the services tell the same one."""

from starlette.types import ASGIApp, Receive, Scope, Send

from strongroom.web.access import REQUEST_ID, request_id


class RequestIdentity:
    """Pure ASGI: puts the id in place of what the client sent, where `request_id` finds it again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            others = [(name, value) for name, value in scope["headers"] if name != REQUEST_ID]
            scope["headers"] = [*others, (REQUEST_ID, request_id(scope).encode())]
        await self._app(scope, receive, send)
