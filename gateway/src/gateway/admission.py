"""Refuses requests whose token cannot be good, before a service has any work with them."""

from typing import TYPE_CHECKING

from gateway.messages import Request
from gateway.routing import Routes
from strongroom import TokenVerifier
from strongroom.errors import KeysUnavailable

if TYPE_CHECKING:
    from gateway.exchange import Exchange

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


class Admission:
    """401 at once for a bearer token that is invalid, expired or revoked.

    Only that: whether a token is needed, and what it allows, is for the service to say, which judges it again. While
    the keys cannot be had, everything passes.
    """

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    def judged_at_once(self, exchange: "Exchange") -> bool:
        """True if it may pass, False if that takes waiting: see `judge`. Raises InvalidToken."""
        token = _bearer_token(exchange.request)
        if token is None or not _CHECKED.owner(exchange.request.path):
            return True
        return self._verifier.remembered(token) is not None

    async def judge(self, exchange: "Exchange") -> None:
        """Returns if it may pass. Raises InvalidToken."""
        token = _bearer_token(exchange.request)
        assert token is not None
        try:
            await self._verifier.verify(token)
        except KeysUnavailable:
            return


def _bearer_token(request: Request) -> str | None:
    """None too where there are several credentials: which of them counts is for the service to say."""
    credentials = [value for name, value in request.fields if name == b"authorization"]
    if len(credentials) != 1:
        return None
    scheme, _, token = credentials[0].partition(b" ")
    token = token.strip()
    return str(token, "latin-1") if scheme.lower() == b"bearer" and token else None
