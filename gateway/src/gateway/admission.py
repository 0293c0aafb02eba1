"""Refuses requests whose token cannot be good, or that are too many, before a service has any work with them."""

from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_network
from typing import TYPE_CHECKING

from gateway.limits import Limit, OwnCounters, SharedCounters
from gateway.messages import Request
from gateway.proxies import plain
from gateway.routing import Routes
from strongroom import TokenVerifier
from strongroom.errors import InvalidToken, KeysUnavailable

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
_BEARER = b"bearer."


class Admission:
    """401 at once for a bearer token that is invalid, expired or revoked; 429 for too many requests.

    Whether a token is needed, and what it allows, is for the service to say, which judges it again. While the keys
    cannot be had, every token passes. Requests are counted by token where there is a good one, else by address; those
    of a client on this machine itself are not.
    """

    def __init__(
        self, verifier: TokenVerifier, counters: OwnCounters | SharedCounters, *, by_token: Limit, by_address: Limit
    ) -> None:
        self._verifier = verifier
        self._counters = counters
        self._by_token = by_token
        self._by_address = by_address

    def judged_at_once(self, exchange: "Exchange") -> bool:
        """True if it may pass, False if that takes waiting: see `judge`. Raises InvalidToken, RateLimited."""
        token = _checked_token(exchange.request)
        if token is not None and self._verifier.remembered(token) is None:
            return False
        counted = self._counted(exchange, token)
        if counted is None:
            return True
        if isinstance(self._counters, SharedCounters):
            return False
        self._counters.count(exchange, *counted)
        return True

    async def judge(self, exchange: "Exchange") -> None:
        """Returns if it may pass. Raises InvalidToken, RateLimited."""
        token = _checked_token(exchange.request)
        refusal: InvalidToken | None = None
        if token is not None:
            try:
                await self._verifier.verify(token)
            except InvalidToken as error:
                refusal = error
            except KeysUnavailable:
                token = None
        counted = self._counted(exchange, None if refusal else token)
        if counted is not None:
            if isinstance(self._counters, SharedCounters):
                await self._counters.count(exchange, *counted)
            else:
                self._counters.count(exchange, *counted)
        if refusal is not None:
            raise refusal

    def _counted(self, exchange: "Exchange", good_token: str | None) -> tuple[Limit, str] | None:
        """Against which limit, and as whose; None where there is none."""
        address = exchange.sender.address
        limit = self._by_address if good_token is None else self._by_token
        if limit.per_second == 0 or (exchange.sender.is_peer and _is_local(address)):
            return None
        return limit, _neighbourhood(address) if good_token is None else sha256(good_token.encode()).hexdigest()


@lru_cache(maxsize=4096)
def _is_local(address: str) -> bool:
    try:
        return plain(address).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def _neighbourhood(address: str) -> str:
    """Of IPv6 the /64, of which anybody has all addresses."""
    try:
        found = plain(address)
    except ValueError:
        return "unknown"
    return str(found) if found.version == 4 else str(ip_network((found, 64), strict=False))


def _checked_token(request: Request) -> str | None:
    """The bearer token, where one decides anything."""
    token = _bearer_token(request)
    return token if token is not None and _CHECKED.owner(request.path) else None


def _bearer_token(request: Request) -> str | None:
    """None too where there are several credentials: which of them counts is for the service to say."""
    credentials = [value for name, value in request.fields if name == b"authorization"]
    if request.is_websocket and not credentials:
        return _subprotocol_token(request)
    if len(credentials) != 1:
        return None
    scheme, _, token = credentials[0].partition(b" ")
    token = token.strip()
    return str(token, "latin-1") if scheme.lower() == b"bearer" and token else None


def _subprotocol_token(request: Request) -> str | None:
    """Browsers can send no Authorization with a WebSocket: there it is one of the protocols offered."""
    offered = request.field(b"sec-websocket-protocol") or b""
    tokens = [one.strip()[len(_BEARER) :] for one in offered.split(b",") if one.strip().startswith(_BEARER)]
    return str(tokens[0], "latin-1") if len(tokens) == 1 and tokens[0] else None
