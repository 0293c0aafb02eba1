"""Where clients find us: the public address, or the one that a trusted proxy says it was asked at."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from strongroom.web.parts import part

_EXTENSION = "strongroom.asked_at"
# What may stand in the middle of an address, and in the Path of a cookie; no list, of which any part could be hearsay.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"/|(?:/[A-Za-z0-9._~%@:+-]+)+/?")


@dataclass(frozen=True, slots=True)
class _AskedAt:
    """`prefix` is None where the proxy does not speak of one."""

    host: str
    prefix: str | None


class BehindProxies:
    """Pure ASGI, and the outermost: believes what `trusted` proxies tell of a client's request, and nobody else.

    `trusted` is a list of addresses and networks, divided by commas. The client's address and scheme go into the
    scope, as uvicorn does it; host and path prefix are for `PublicAddress`.
    """

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        self._believing = ProxyHeadersMiddleware(cast("Any", app), trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Before uvicorn puts the client in the place of the proxy.
        peer = scope.get("client")
        if scope["type"] == "http" and peer and peer[0] in self._believing.trusted_hosts:
            scope.setdefault("extensions", {})[_EXTENSION] = _asked_at(scope)
        await self._believing(cast("Any", scope), cast("Any", receive), cast("Any", send))


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """`configured` is what to say where no proxy is known to have been asked at another address.

    What others keep or compare is made of `configured` alone: the issuer of tokens, the addresses in its metadata, the
    links in mails. A request must not decide where somebody else is sent.
    """

    configured: str

    def of(self, scope: Scope) -> str:
        """The address that this request came to, without a slash at its end: to be told to its client only."""
        asked_at: _AskedAt | None = scope.get("extensions", {}).get(_EXTENSION)
        if asked_at is None or self._is_meant_by(asked_at, scope["scheme"]):
            return self.configured
        return f"{scope['scheme']}://{asked_at.host}{(asked_at.prefix or '').rstrip('/')}"

    def _is_meant_by(self, asked_at: _AskedAt, scheme: str) -> bool:
        """A proxy that takes a prefix away need not tell of it, nor one that ends TLS before another."""
        own = urlsplit(self.configured)
        same = asked_at.prefix is None and asked_at.host.lower() == own.netloc.lower()
        return same and scheme in {own.scheme, "http"}


async def _our_address(request: Request) -> str:
    return part(request.app, PublicAddress).of(request.scope)


OurAddress = Annotated[str, Depends(_our_address)]


def _asked_at(scope: Scope) -> _AskedAt | None:
    host = _told(scope, b"x-forwarded-host")
    prefix = _told(scope, b"x-forwarded-prefix")
    if host is None or not _HOST.fullmatch(host):
        return None
    return _AskedAt(host, prefix if prefix is not None and _PREFIX.fullmatch(prefix) else None)


def _told(scope: Scope, name: bytes) -> str | None:
    """None too where it is told more than once."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1").strip() if len(values) == 1 else None
