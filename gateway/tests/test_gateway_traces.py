"""Traces go through the gateway as they come, and begin there where spans are exported."""

from collections.abc import Awaitable, Callable, Iterator

import httpx2
import pytest
from gateway_lines import Lines
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from trace_collector import TraceCollector, told

from strongroom.trace_export import exporting

Start = Callable[..., Awaitable[str]]

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[TraceCollector]:
    with TraceCollector().listening() as listening:
        for name, value in listening.environment.items():
            monkeypatch.setenv(name, value)
        with exporting("gateway"):
            yield listening


async def telling(scope: Scope, receive: Receive, send: Send) -> None:
    """What the service was told of traces."""
    fields = [
        (name.decode(), value.decode()) for name, value in Request(scope).headers.raw if name.startswith(b"trace")
    ]
    await JSONResponse(fields)(scope, receive, send)


async def test_without_a_collector_traces_pass_as_they_are_and_the_log_tells_of_them(
    before: Start, http: httpx2.AsyncClient, lines: Lines
) -> None:
    origin = await before(telling)
    sent = {"traceparent": VALID, "tracestate": "a=1"}
    assert (await http.get(f"{origin}/files/x", headers=sent)).json() == [["traceparent", VALID], ["tracestate", "a=1"]]
    assert (await http.get(f"{origin}/files/x")).json() == []
    await http.get(f"{origin}/files/x", headers={"traceparent": "nonsense"})
    assert [line.get("trace_id") for line in lines.all()] == [TRACE, None, None]


async def test_with_one_services_are_called_by_the_gateways_span(
    collector: TraceCollector, before: Start, http: httpx2.AsyncClient, lines: Lines
) -> None:
    origin = await before(telling)
    sent = {"traceparent": VALID, "tracestate": "a=1"}
    continued = dict((await http.get(f"{origin}/files/secret-path", headers=sent)).json())
    begun = dict((await http.get(f"{origin}/files/secret-path", headers={"traceparent": "nonsense"})).json())
    spans = await collector.until(lambda spans: len(spans) == 2)
    assert {span.name for span in spans} == {"GET files"}
    assert [(span.kind, told(span)["http.response.status_code"]) for span in spans] == [
        (Span.SPAN_KIND_SERVER, 200)
    ] * 2
    first, second = spans
    assert continued == {"traceparent": f"00-{TRACE}-{first.span_id.hex()}-01", "tracestate": "a=1"}
    assert first.parent_span_id.hex() == PARENT
    assert begun == {"traceparent": f"00-{second.trace_id.hex()}-{second.span_id.hex()}-03"}  # its id is random
    assert not second.parent_span_id
    assert [line["trace_id"] for line in lines.all()] == [TRACE, second.trace_id.hex()]
    assert collector.services == {"strongroom-gateway"}
    assert b"secret-path" not in b"".join(collector.bodies)
