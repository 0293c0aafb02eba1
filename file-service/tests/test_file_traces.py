"""What a request leads to, down to SQL, S3 and jobs, is one trace at the collector."""

import subprocess
import sys
from collections.abc import Iterator, Sequence

import httpx2
import pytest
import structlog
from file_client import FileClient
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from structlog.testing import capture_logs
from trace_collector import TraceCollector, told

from strongroom.spans import exported_to
from strongroom.trace_export import exporting

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[TraceCollector]:
    with TraceCollector().listening() as listening:
        for name, value in listening.environment.items():
            monkeypatch.setenv(name, value)
        with exporting("files"):
            yield listening


def named(spans: Sequence[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


@pytest.mark.usefixtures("worker")
async def test_an_upload_is_one_trace_with_its_sql_its_object_and_its_jobs(
    ada: FileClient, collector: TraceCollector
) -> None:
    ada.headers["traceparent"] = f"00-{TRACE}-{PARENT}-01"
    with capture_logs([structlog.contextvars.merge_contextvars]) as events:
        file = (await ada.upload(b"the tide comes in", "tide.txt")).json()
        del ada.headers["traceparent"]
        await ada.derived(file["id"])
        spans = await collector.until(lambda spans: any(span.name.startswith("job ") for span in spans))
    mine = [span for span in spans if span.trace_id.hex() == TRACE]
    [request] = named(mine, "POST /files/upload")
    assert (request.kind, request.parent_span_id.hex()) == (Span.SPAN_KIND_SERVER, PARENT)
    assert told(request)["http.response.status_code"] == 201
    below = [span for span in mine if span.parent_span_id == request.span_id]
    assert {"S3 PUT", "INSERT", "SELECT"} <= {span.name for span in below}
    [put] = named(below, "S3 PUT")
    assert (put.kind, told(put)["http.response.status_code"]) == (Span.SPAN_KIND_CLIENT, 200)
    inserts = [str(told(span)["db.query.text"]) for span in named(below, "INSERT")]
    assert any("files.files" in statement for statement in inserts)
    assert not any("tide.txt" in statement for statement in inserts)
    job = next(span for span in below if span.name.startswith("job "))
    assert job.kind == Span.SPAN_KIND_CONSUMER
    assert any(span.parent_span_id == job.span_id for span in mine)
    assert collector.services == {"strongroom-files"}
    of_request = [one for one in events if one["event"] == "request" and one["path"] == "/files/upload"]
    of_job = [one for one in events if one["event"] == "derivation.done"]
    assert of_request
    assert of_job
    for line in (*of_request, *of_job):
        assert line["trace_id"] == TRACE
        assert line["request_id"] == of_request[0]["request_id"]


async def test_where_nobody_sent_a_trace_one_begins_and_the_log_tells_it(
    ada: FileClient, collector: TraceCollector
) -> None:
    with capture_logs([structlog.contextvars.merge_contextvars]) as events:
        await ada.get("/files/usage")
        spans = await collector.until(lambda spans: bool(named(spans, "GET /files/usage")))
    [request] = named(spans, "GET /files/usage")
    assert not request.parent_span_id
    [line] = [one for one in events if one["event"] == "request" and one["path"] == "/files/usage"]
    assert line["trace_id"] == request.trace_id.hex()


async def test_what_a_caller_does_not_keep_is_not_exported(ada: FileClient, collector: TraceCollector) -> None:
    ada.headers["traceparent"] = f"00-{TRACE}-{PARENT}-00"
    await ada.get("/files/usage")
    del ada.headers["traceparent"]
    await ada.get("/files")
    spans = await collector.until(lambda spans: bool(named(spans, "GET /files")))
    assert TRACE not in {span.trace_id.hex() for span in spans}


async def test_what_opens_something_is_in_no_span(
    ada: FileClient, collector: TraceCollector, http: httpx2.AsyncClient
) -> None:
    file = (await ada.upload(b"hello", "private-name.txt")).json()
    link = (await ada.post(f"/files/{file['id']}/links")).json()
    token = link["url"].rpartition("/")[2]
    await http.get(f"{ada.origin}/s/{token}?password=hush")
    await collector.until(lambda spans: any("/s/" in span.name for span in spans))
    exported = b"".join(collector.bodies)
    for secret in (token, "hush", "private-name", ada.token or "", "X-Amz-Signature"):
        assert secret.encode() not in exported


async def test_what_was_refused_is_no_error_of_ours(ada: FileClient, collector: TraceCollector) -> None:
    answer = await ada.get("/files/01a20f6c-e4fa-76e3-be63-e0b65c01e5a3/download")
    assert answer.status_code == 404
    spans = await collector.until(lambda spans: bool(named(spans, "GET /files/{file_id}/download")))
    [refused] = named(spans, "GET /files/{file_id}/download")
    assert refused.status.code == Status.STATUS_CODE_UNSET


def test_without_an_endpoint_nothing_is_imported() -> None:
    program = """
import sys
import file_service.app, file_service.work
from strongroom.trace_export import exporting
with exporting("files", {}):
    print([name for name in ("opentelemetry.sdk", "google.protobuf", "requests") if name in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_without_the_sdk_the_service_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.resources", None)
    with exporting("files", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}):
        assert exported_to() is None


def test_a_collector_that_is_away_costs_the_end_of_a_process_no_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be sent is given up."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    with exporting("files"):
        assert exported_to() is not None
    assert exported_to() is None
