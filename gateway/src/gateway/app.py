"""Builds the gateway: the only module that knows every part."""

import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx2
from fastapi import FastAPI
from starlette.types import ASGIApp

from gateway.access_lines import AccessLines
from gateway.admission import Admission
from gateway.console.pages import Console
from gateway.cors import Cors
from gateway.documentation import Documentation
from gateway.door import Bounds, Door
from gateway.examinations import Examinations
from gateway.health import Health
from gateway.issuer import IssuerTransport
from gateway.limits import Limit, OwnCounters, SharedCounters
from gateway.metrics import Connections, Traffic
from gateway.proxies import TrustedProxies
from gateway.routing import Routes
from gateway.settings import GatewaySettings
from gateway.transport_security import transport_security
from gateway.upstreams import Upstream
from strongroom import TokenVerifier
from strongroom.web.metrics_server import MetricsServer
from strongroom.web.problems import render_problems
from strongroom.web.telemetry import NO_TELEMETRY
from strongroom.web.token_metrics import TokenMetrics

_SECRET_BELOW = ("/s/",)  # whoever knows what stands there needs nothing else
_PRIVATE = ("/files/internal",)


@dataclass(frozen=True, slots=True)
class Gateway:
    """`app` has the pages and lives as long as the server; `door` takes clients' connections, `metrics` Prometheus'."""

    app: ASGIApp
    door: Door
    metrics: MetricsServer


def build(settings: GatewaySettings, lines: AccessLines | None = None) -> Gateway:
    auth = Upstream("auth", settings.auth_url, connect_seconds=settings.upstream_connect_seconds)
    files = Upstream("files", settings.files_url, connect_seconds=settings.upstream_connect_seconds)
    more = {
        prefix: Upstream(prefix, origins, connect_seconds=settings.upstream_connect_seconds)
        for prefix, origins in settings.routes.items()
    }
    upstreams = [auth, files, *more.values()]
    verifier = TokenVerifier(settings.public_url, http=httpx2.AsyncClient(transport=IssuerTransport(auth), timeout=5))
    traffic = Traffic()
    counters = SharedCounters(settings.limits_url.get_secret_value()) if settings.limits_url else OwnCounters()
    health = Health([auth, files])
    documentation = Documentation([auth, files], public_url=settings.public_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # Not entered: it begins to follow the revocations with the first token, so that the gateway starts alone.
        with metrics:
            async with aclosing(counters), door, aclosing(verifier):
                yield

    # Plain routes; FastAPI only because the shared rendering of problems is written for it.
    pages = FastAPI(
        routes=[*health.routes(), *documentation.routes(), *(Console().routes() if settings.console else ())],
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    render_problems(pages)
    door = Door(
        Routes({"/auth": auth, "/.well-known": auth, "/files": files, "/s": files} | more, private=_PRIVATE),
        upstreams,
        pages,
        Admission(
            verifier,
            counters,
            by_token=Limit("token", settings.requests_per_second_by_token),
            by_address=Limit("address", settings.requests_per_second_by_address),
        ),
        TrustedProxies(settings.trusted_proxies),
        lines or AccessLines(secret_below=_SECRET_BELOW, enabled=_logs_requests(settings.log_level)),
        traffic,
        Cors(settings.cors_origins, own=settings.public_url),
        Examinations(upstreams, every=settings.upstream_examined_seconds),
        Bounds(
            settings.max_body_bytes,
            settings.client_head_seconds,
            settings.client_idle_seconds,
            settings.upstream_idle_seconds,
        ),
        transport_security(settings.public_url),
    )
    # Most tokens are known already, and pass without being judged again: those would not be counted.
    tokens = TokenMetrics(verifier, counting=False)
    metrics = MetricsServer(settings.metrics_listen, [traffic, Connections(door.connections, upstreams), tokens])
    return Gateway(pages, door, metrics)


def _logs_requests(level: str) -> bool:
    return logging.getLevelNamesMapping()[level.upper()] <= logging.INFO
