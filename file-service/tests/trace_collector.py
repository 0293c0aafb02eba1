"""A collector of traces: takes OTLP over HTTP as a real one does, and keeps what it was sent."""

import asyncio
import gzip
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class TraceCollector:
    """In a thread of its own, since whoever exports may wait for it in the loop."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.port = 0

    @contextmanager
    def listening(self) -> Iterator["TraceCollector"]:
        collector = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces"
                collector.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] else body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the library's name

        server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    @property
    def environment(self) -> dict[str, str]:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}", "OTEL_BSP_SCHEDULE_DELAY": "20"}

    @property
    def spans(self) -> Sequence[Span]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]
        return [span for one in requests for of in one.resource_spans for in_ in of.scope_spans for span in in_.spans]

    @property
    def services(self) -> set[str]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in list(self.bodies)]
        return {
            told.value.string_value
            for one in requests
            for of in one.resource_spans
            for told in of.resource.attributes
            if told.key == "service.name"
        }

    async def until(self, enough: Callable[[Sequence[Span]], bool]) -> Sequence[Span]:
        async with asyncio.timeout(20):
            while not enough(self.spans):  # noqa: ASYNC110 - they come from another thread
                await asyncio.sleep(0.01)
        return self.spans


def told(span: Span) -> dict[str, str | int]:
    """The attributes."""
    return {
        one.key: one.value.int_value if one.value.HasField("int_value") else one.value.string_value
        for one in span.attributes
    }
