"""Decides which header fields pass the gateway, and what it says about the client itself."""

from dataclasses import dataclass

from gateway.messages import AnswerHead, Fields, Request, options_of
from strongroom.errors import BadRequest

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

# Only the gateway speaks of the client to the services.
_NOT_TO_SERVICES = _HOP_BY_HOP | {b"expect", b"forwarded", b"x-real-ip", b"x-request-id"}
_FORWARDED = b"x-forwarded-"
# The gateway says these of every answer itself, and how long a body is in its own words.
_NOT_TO_CLIENTS = _HOP_BY_HOP | {b"x-request-id", b"date", b"content-length"}
_WITHOUT_BODY = frozenset({204, 304})

# All that a head may consist of: RFC 9110 §5.5 allows no control characters but the tab.
_ALLOWED = bytes({9, *range(0x20, 0x7F), *range(0x80, 0x100)})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks, by which address of ours, as far as is known."""

    address: str
    scheme: bytes = b"http"
    host: bytes | None = None
    prefix: bytes | None = None
    is_peer: bool = True  # no proxy told of it: it is whom the socket is connected with


def request_head(request: Request, sender: Sender, request_id: bytes) -> bytes:
    """What a service is sent before the body. BadRequest for fields that cannot be passed on."""
    lines = [b"%b %b HTTP/1.1" % (request.method, request.target)]
    dropped = _dropped(_NOT_TO_SERVICES, request.fields)
    for name, value in request.fields:
        meant = name.replace(b"_", b"-")  # as CGI and WSGI read it
        if name in dropped or meant in dropped or meant.startswith(_FORWARDED):
            continue
        lines.append(b"%b: %b" % (name, value))
    if request.length is None:
        lines.append(b"transfer-encoding: chunked")
    if request.is_websocket:
        lines.append(b"connection: upgrade\r\nupgrade: websocket")
        # The next line counts as two.
    elif request.length != 0:
        # Whatever the client said: until the service has asked for the body, the request can be sent again elsewhere.
        lines.append(b"expect: 100-continue")
    lines.append(
        b"x-forwarded-for: %b\r\nx-forwarded-proto: %b\r\nx-request-id: %b"
        % (sender.address.encode("latin-1"), sender.scheme, request_id)
    )
    if sender.host is not None:
        lines.append(b"x-forwarded-host: %b" % sender.host)
    if sender.prefix is not None:
        lines.append(b"x-forwarded-prefix: %b" % sender.prefix)
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    if not _is_clean(head, len(lines) + 3 + request.is_websocket):
        raise BadRequest("A header field cannot be passed on")
    return head


def answer_fields(answer: AnswerHead) -> list[bytes]:
    """The service's fields for the client, a line each, in lower case, without those about the body's length."""
    dropped = _dropped(_NOT_TO_CLIENTS, answer.fields)
    return [b"%b: %b\r\n" % field for field in answer.fields if field[0] not in dropped]


def may_have_body(method: bytes, status: int) -> bool:
    """RFC 9110 §6.4.1."""
    return method != b"HEAD" and status not in _WITHOUT_BODY


def expects_continue(request: Request) -> bool:
    """RFC 9110 §10.1.1."""
    value = request.field(b"expect")
    return value is not None and value.lower() == b"100-continue"


def _dropped(always: frozenset[bytes], fields: Fields) -> frozenset[bytes]:
    named = options_of(fields)
    return always | (named - _NEVER_CONNECTION_OPTIONS) if named else always


def _is_clean(head: bytes, line_ends: int) -> bool:
    """No field smuggles in a line of its own, or a control character."""
    return head.translate(None, _ALLOWED) == b"\r\n" * line_ends
