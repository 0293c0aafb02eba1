"""Lets pages of named other origins use the API from browsers (Fetch standard §3.3, CORS)."""

from collections.abc import Collection

from gateway.errors import ForeignOrigin
from gateway.messages import Request
from gateway.own_answers import OwnAnswer

_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_REMEMBERED_SECONDS = 7200
# What scripts may read of an answer beside what they always may; the tus clients among them need theirs.
_EXPOSED = (
    b"Accept-Ranges, Content-Disposition, Content-Range, ETag, Link, Location, RateLimit, "
    b"RateLimit-Policy, Repr-Digest, Retry-After, "
    b"Strongroom-File, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, "
    b"Upload-Concat, Upload-Defer-Length, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, "
    b"WWW-Authenticate, X-Request-ID"
)


class Cors:
    """`origins` like `https://app.example`, or `*` for all; with none nothing is allowed, which is the default.

    Cookies are never allowed: tokens are sent by those who hold them. `own` is the address that clients know us by.
    """

    def __init__(self, origins: Collection[str], *, own: str) -> None:
        self._origins = frozenset(origin.encode("ascii") for origin in origins)
        self._all = b"*" in self._origins
        self._own = "/".join(own.split("/")[:3]).encode("ascii")

    def require(self, request: Request) -> None:
        """That a page may open a WebSocket. Raises ForeignOrigin. Who is no page says no origin."""
        origin = request.field(b"origin") if request.is_websocket else None
        if origin is None or self._allowed(request) is not None:
            return
        is_same = origin.partition(b"://")[2] == request.field(b"host")
        if not (is_same or origin == self._own):
            raise ForeignOrigin

    def lines(self, request: Request) -> bytes:
        """What every answer to this request says, refusals too."""
        if not self._origins:
            return b""
        origin = self._allowed(request)
        vary = b"" if self._all else b"vary: Origin\r\n"
        if origin is None:
            return vary
        return b"access-control-allow-origin: %b\r\naccess-control-expose-headers: %b\r\n%b" % (origin, _EXPOSED, vary)

    def preflight(self, request: Request) -> OwnAnswer | None:
        """The answer to a browser that asks whether it may ask; None if this is none, or it may not."""
        if request.method != b"OPTIONS" or not self._origins or self._allowed(request) is None:
            return None
        if request.field(b"access-control-request-method") is None:
            return None
        fields = [
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-max-age", b"%d" % _REMEMBERED_SECONDS),
        ]
        wanted = request.field(b"access-control-request-headers")
        if wanted is not None:
            fields.append((b"access-control-allow-headers", wanted))
            fields.append((b"vary", b"Access-Control-Request-Headers"))
        return OwnAnswer(204, fields)

    def _allowed(self, request: Request) -> bytes | None:
        origin = request.field(b"origin")
        if origin is None:
            return None
        return b"*" if self._all else origin if origin in self._origins else None
