"""Builds the gateway: the only module that knows every part."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.documentation import Documentation
from gateway.early_refusal import EarlyRefusal
from gateway.feed_polls import FeedPolls
from gateway.forwarding import forward
from gateway.health import Health
from gateway.routing import Routes
from gateway.security_headers import SecurityHeaders
from gateway.settings import GatewaySettings
from gateway.upstreams import Connections, Upstream
from strongroom import TokenVerifier
from strongroom.web.access import AccessLog
from strongroom.web.early_answers import EarlyAnswers
from strongroom.web.problems import render_problems

_SECRET_BELOW = ("/s/",)  # whoever knows the token of a share link needs nothing else


class Gateway:
    """Pure ASGI: streams what a service owns to that service, and has `pages` answer the rest.

    Forwarding does not pass through a framework's routing, which would cost more than the forwarding itself.
    """

    def __init__(self, routes: Routes[Upstream], pages: ASGIApp) -> None:
        self._routes = routes
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Closing before accepting refuses the handshake with 403.
            await send({"type": "websocket.close", "code": 1011})
            return
        upstream = self._routes.owner(scope["path"]) if scope["type"] == "http" else None
        if upstream is None:
            await self._pages(scope, receive, send)
        else:
            await forward(upstream, scope, receive, send)


def build(settings: GatewaySettings) -> ASGIApp:
    connections = Connections(
        connect_seconds=settings.upstream_connect_seconds, idle_seconds=settings.upstream_idle_seconds
    )
    auth = Upstream("auth", settings.auth_url, connections)
    files = Upstream("files", settings.files_url, connections)
    routes = Routes({"/auth": auth, "/.well-known": auth, "/files": files, "/s": files})
    verifier = TokenVerifier(
        settings.public_url,
        jwks_url=f"{settings.auth_url}/.well-known/jwks.json",
        revocations_url=f"{settings.auth_url}/auth/revocations",
    )
    health = Health([auth, files])
    documentation = Documentation([auth, files], public_url=settings.public_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Not entered: it begins to follow the revocations with the first token, so that the gateway starts alone.
        async with connections, aclosing(verifier):
            yield

    # Plain routes; FastAPI only because the shared rendering of problems is written for it.
    pages = FastAPI(
        routes=[*health.routes(), *documentation.routes()],
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
    )
    render_problems(pages)
    gateway = Gateway(routes, SecurityHeaders(pages))
    return AccessLog(EarlyAnswers(EarlyRefusal(FeedPolls(gateway), verifier)), secret_below=_SECRET_BELOW)
