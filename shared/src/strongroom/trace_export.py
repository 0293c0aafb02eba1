"""Sends spans to a collector by OTLP over HTTP, in batches and in a thread of its own (OpenTelemetry's SDK).

Where it goes, and how much of it, is told by OpenTelemetry's own variables: `OTEL_EXPORTER_OTLP_ENDPOINT` switches it
on, `OTEL_TRACES_SAMPLER`, `OTEL_SERVICE_NAME` and the others are the SDK's.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from strongroom.spans import export_to

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

_SWITCHES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@contextmanager
def exporting(service: str, environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """While inside, if the environment asks for it; what is not sent yet is sent at the end.

    Without the SDK (`strongroom[traces]`) the service goes without, and says so: nobody's files depend on traces.
    """
    if not any(environment.get(name) for name in _SWITCHES) or environment.get("OTEL_SDK_DISABLED") == "true":
        yield
        return
    try:
        provider = _provider(service)
    except ImportError as error:
        log.warning("traces.unavailable needs=strongroom[traces] cause=%s", error)
        yield
        return
    from strongroom.sdk_spans import SdkSpans

    export_to(SdkSpans(provider.get_tracer("strongroom")))
    try:
        yield
    finally:
        export_to(None)
        provider.shutdown()


def _provider(service: str) -> "TracerProvider":
    # Here, since it takes as long to import as half of a service does to start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    own = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": f"strongroom-{service}"}
    provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
