"""Lets a bare function, which knows nothing but requests, live as long as a server."""

from starlette.types import ASGIApp, Receive, Scope, Send


def living(app: ASGIApp) -> ASGIApp:
    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})

    return service
