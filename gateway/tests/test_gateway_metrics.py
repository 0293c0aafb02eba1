"""What Prometheus is told, on a port of its own."""

from collections.abc import Awaitable, Callable

import httpx2
from living_service import living
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from gateway.app import build
from gateway.metrics import Traffic
from gateway.settings import GatewaySettings
from strongroom.web.metrics_server import MetricsServer

Serve = Callable[..., Awaitable[str]]

NOBODY = "http://127.0.0.1:1"


async def test_requests_are_counted_by_service_method_and_status(serve: Serve, http: httpx2.AsyncClient) -> None:
    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("ok", 201)(scope, receive, send)

    values = {
        "public_url": "https://strongroom.example",
        "auth_url": NOBODY,
        "files_url": await serve(living(service)),
        "metrics_listen": "127.0.0.1:0",
    }
    gateway = build(GatewaySettings.model_validate(values))
    origin = await serve(gateway.app, gateway.door.connection)
    for method, path in [
        ("GET", "/files"),
        ("GET", "/files"),
        ("PUT", "/files/x"),
        ("GET", "/auth"),
        ("GET", "/livez"),
    ]:
        await http.request(method, origin + path)
    page = (await http.get(f"http://127.0.0.1:{gateway.metrics.port}/metrics")).text
    for line in (
        'strongroom_gateway_requests_total{method="GET",service="files",status="201"} 2.0',
        'strongroom_gateway_requests_total{method="PUT",service="files",status="201"} 1.0',
        'strongroom_gateway_requests_total{method="GET",service="auth",status="502"} 1.0',
        'strongroom_gateway_requests_total{method="GET",service="gateway",status="200"} 1.0',
        'strongroom_gateway_request_duration_seconds_count{service="files"} 3.0',
        "strongroom_gateway_clients 1.0",
    ):
        assert line in page
    assert f'strongroom_gateway_upstream_ill{{address="{NOBODY}",service="auth"}} 1.0' in page
    assert (await http.get(f"{origin}/metrics")).status_code == 404


def test_durations_fall_into_the_bucket_that_bounds_them() -> None:
    traffic = Traffic()
    for seconds in (0.0005, 0.001, 0.0011, 0.3, 100):
        traffic.add("files", "GET", 200, seconds)
    buckets = {
        sample.labels["le"]: sample.value
        for metric in traffic.collect()
        for sample in metric.samples
        if sample.name.endswith("_bucket")
    }
    assert (buckets["0.001"], buckets["0.0025"], buckets["0.25"], buckets["0.5"]) == (2, 3, 3, 4)
    assert (buckets["60"], buckets["+Inf"]) == (4, 5)


def test_without_an_address_nothing_listens() -> None:
    with MetricsServer(None) as server:
        assert server.port == 0
