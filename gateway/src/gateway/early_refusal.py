"""Refuses requests whose token cannot be good, before a service has any work with them."""

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.routing import Routes
from gateway.security_headers import SecurityHeaders
from strongroom import TokenVerifier
from strongroom.errors import InvalidToken, KeysUnavailable
from strongroom.web.problems import render

# Whether a token decides anything there. What is public must not fail because of an old token that a client sends
# along everywhere; the token endpoint and its neighbours authenticate clients in ways of their own.
_CHECKED = Routes(
    {
        "/auth": True,
        "/auth/assets": False,
        "/auth/authorize": False,
        "/auth/email": False,
        "/auth/introspect": False,
        "/auth/mfa/passkeys/authenticate": False,
        "/auth/mfa/passkeys/challenge": False,
        "/auth/password": False,
        "/auth/register": False,
        "/auth/revocations": False,
        "/auth/revoke": False,
        "/auth/token": False,
        "/files": True,
    }
)


class EarlyRefusal:
    """Pure ASGI: 401 at once for a bearer token that is invalid, expired or revoked.

    Only that: whether a token is needed, and what it allows, is for the service to say, which judges it again. While
    the keys cannot be had, everything passes.
    """

    def __init__(self, app: ASGIApp, verifier: TokenVerifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = _bearer_token(scope) if scope["type"] == "http" and _CHECKED.owner(scope["path"]) else None
        if token is not None:
            try:
                await self._verifier.verify(token)
            except InvalidToken as error:
                await SecurityHeaders(render(error))(scope, receive, send)
                return
            except KeysUnavailable:
                pass
        await self._app(scope, receive, send)


def _bearer_token(scope: Scope) -> str | None:
    """None too where there are several credentials: which of them counts is for the service to say."""
    credentials = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(credentials) != 1:
        return None
    scheme, _, token = credentials[0].partition(b" ")
    token = token.strip()
    return str(token, "latin-1") if scheme.lower() == b"bearer" and token else None
