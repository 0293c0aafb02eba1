"""Makes spans of OpenTelemetry's SDK. Only imported where they are exported."""

from opentelemetry import trace as otel
from opentelemetry.context import Context

from strongroom.spans import Attributes, Kind, Span
from strongroom.trace_context import Trace

_KINDS = {
    Kind.SERVER: otel.SpanKind.SERVER,
    Kind.CLIENT: otel.SpanKind.CLIENT,
    Kind.CONSUMER: otel.SpanKind.CONSUMER,
}
_ERROR = otel.Status(otel.StatusCode.ERROR)


class SdkSpans:
    """Whether a trace is kept is the sampler's to say, which by default does as the caller did."""

    def __init__(self, tracer: otel.Tracer) -> None:
        self._tracer = tracer

    def start(self, name: str, kind: Kind, parent: Trace | None, attributes: Attributes) -> Span:
        # Never the library's own idea of what is current: `call_context` knows that, also across jobs.
        context = Context() if parent is None else otel.set_span_in_context(_remote(parent), Context())
        return _SdkSpan(self._tracer.start_span(name, context, _KINDS[kind], dict(attributes)))


class _SdkSpan:
    def __init__(self, span: otel.Span) -> None:
        self._span = span
        context = span.get_span_context()
        self.trace = Trace(
            otel.format_trace_id(context.trace_id),
            otel.format_span_id(context.span_id),
            int(context.trace_flags),
            context.trace_state.to_header() or None,
        )

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def add(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(attributes))

    def end(self, failure: str | None = None) -> None:
        if failure is not None:
            self._span.set_attribute("error.type", failure)
            self._span.set_status(_ERROR)
        self._span.end()


def _remote(parent: Trace) -> otel.Span:
    state = otel.TraceState.from_header([parent.state]) if parent.state else None
    return otel.NonRecordingSpan(
        otel.SpanContext(
            int(parent.trace_id, 16), int(parent.parent_id, 16), True, otel.TraceFlags(parent.flags), state
        )
    )
