"""Decides which header fields pass the gateway, and what it says about the client itself."""

from collections.abc import Iterable, Sequence

from starlette.types import Scope

from strongroom.errors import BadRequest

Headers = Sequence[tuple[bytes, bytes]]

# RFC 9110 §7.6.1, and Proxy-Connection, which old clients still send.
_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)

# A peer may name its own extensions in Connection. Naming one of these would let it change how long the body is, which
# host is meant, or who is asking, after another hop has already judged the request by them.
_NEVER_CONNECTION_OPTIONS = frozenset(
    {
        b"authorization",
        b"cache-control",
        b"content-encoding",
        b"content-length",
        b"content-range",
        b"content-type",
        b"cookie",
        b"host",
        b"if-match",
        b"if-none-match",
        b"origin",
        b"range",
        b"set-cookie",
        b"x-request-id",
    }
)

# Only the gateway speaks of the client to the services. A trusted proxy's word has already gone into the scope.
# The server answers Expect itself, when the body is first asked for.
_REPLACED = frozenset({b"expect", b"forwarded", b"x-real-ip"})
_FORWARDED = b"x-forwarded-"


def request_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The client's fields for the service. The body's framing must have been checked with `has_body` before.

    BadRequest when several hosts are named (RFC 9112 §3.2).
    """
    received: Headers = scope["headers"]
    hosts = [value for name, value in received if name == b"host"]
    if len(hosts) > 1:
        raise BadRequest("The host is given twice")
    headers = [
        (name, value)
        for name, value in _end_to_end(received)
        if name not in _REPLACED and not name.startswith(_FORWARDED)
    ]
    if scope.get("client"):
        headers.append((b"x-forwarded-for", scope["client"][0].encode("latin-1")))
    headers.append((b"x-forwarded-proto", scope["scheme"].encode("latin-1")))
    headers += [(b"x-forwarded-host", host) for host in hosts]
    return headers


def response_headers(status: int, received: Headers) -> list[tuple[bytes, bytes]]:
    """The service's fields for the client, in lower case, as ASGI wants them.

    X-Request-ID and Date are dropped because the gateway's own server adds both to every answer.
    """
    headers = _end_to_end([(name.lower(), value) for name, value in received])
    dropped = {b"x-request-id", b"date"}
    if status in {204, 304}:
        # There it tells the length of a body that is not sent, and the server would wait for that many bytes.
        dropped.add(b"content-length")
    return [(name, value) for name, value in headers if name not in dropped]


def has_body(received: Headers) -> bool:
    """Whether the request has a body. BadRequest when its length can be read in two ways (RFC 9112 §6.3)."""
    lengths = [value for name, value in received if name == b"content-length"]
    codings = [value for name, value in received if name == b"transfer-encoding"]
    if len(lengths) > 1 or (lengths and codings):
        raise BadRequest("The length of the body is given twice")
    if lengths and not lengths[0].isdigit():
        raise BadRequest("Content-Length is not a number")
    if codings and [coding.strip().lower() for coding in codings] != [b"chunked"]:
        raise BadRequest("The only transfer coding understood is chunked")
    return bool(codings) or (bool(lengths) and int(lengths[0]) > 0)


def _end_to_end(headers: Headers) -> Headers:
    dropped = _HOP_BY_HOP | (_connection_options(headers) - _NEVER_CONNECTION_OPTIONS)
    return [(name, value) for name, value in headers if name not in dropped]


def _connection_options(headers: Iterable[tuple[bytes, bytes]]) -> set[bytes]:
    values = [value for name, value in headers if name == b"connection"]
    return {option.strip().lower() for value in values for option in value.split(b",")}
