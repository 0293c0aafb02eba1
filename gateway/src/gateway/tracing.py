"""Begins a span for each request where spans are exported, and has the services take it for what called them."""

from typing import TYPE_CHECKING

from gateway.messages import Request
from strongroom.spans import Kind, Span, exported_to
from strongroom.trace_context import Trace, trace_of

if TYPE_CHECKING:
    from gateway.exchange import Exchange

_PARENT, _STATE = b"traceparent", b"tracestate"
_SERVER_ERROR = 500


def began(request: Request) -> Span | None:
    """None where nobody exports: then what the client says of traces is passed on as it came, and nothing made up."""
    spans = exported_to()
    if spans is None:
        return None
    method = request.method.decode("ascii")
    span = spans.start(method, Kind.SERVER, trace_told(request), {"http.request.method": method})
    others = [field for field in request.fields if field[0] not in (_PARENT, _STATE)]
    told = span.trace.headers().items()
    request.fields = [*others, *((name.encode(), value.encode("latin-1")) for name, value in told)]
    return span


def ended(exchange: "Exchange", span: Span) -> None:
    """Paths are not told: the service knows the route, and what stands in them may open something."""
    span.rename(f"{exchange.request.method.decode('ascii')} {exchange.service}")
    span.add({"http.response.status_code": exchange.status, "strongroom.request.id": exchange.id.decode("ascii")})
    span.end(str(exchange.status) if exchange.status >= _SERVER_ERROR else None)


def trace_told(request: Request) -> Trace | None:
    """What the client said, if it is valid."""
    if request.field(_PARENT) is None:
        return None
    parents, states = (
        [str(value, "latin-1") for name, value in request.fields if name == wanted] for wanted in (_PARENT, _STATE)
    )
    return trace_of(parents, states)
