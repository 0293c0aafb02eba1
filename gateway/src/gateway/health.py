"""Tells whether the gateway and the services behind it can do their work."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.inquiries import ask
from gateway.upstreams import Upstream
from strongroom.errors import AppError

log = structlog.get_logger()

_OK = "ok"


class Health:
    """`/health` and `/readyz` ask every service, all at once; `/livez` tells only that the process answers."""

    def __init__(self, services: Sequence[Upstream], *, patience: float = 2.0) -> None:
        self._services = services
        self._patience = patience

    def routes(self) -> list[Route]:
        return [
            Route("/health", self._ready),
            Route("/readyz", self._ready),
            Route("/livez", self._alive),
        ]

    async def _alive(self, _: Request) -> JSONResponse:
        return JSONResponse({"status": _OK})

    async def _ready(self, _: Request) -> JSONResponse:
        findings = await asyncio.gather(*(self._examine(service) for service in self._services))
        services = {"gateway": _OK} | {
            service.name: finding for service, finding in zip(self._services, findings, strict=True)
        }
        good = all(finding == _OK for finding in findings)
        return JSONResponse({"status": _OK if good else "unavailable", "services": services}, 200 if good else 503)

    async def _examine(self, service: Upstream) -> str:
        """`ok`, or in a few words what is wrong."""
        try:
            async with asyncio.timeout(self._patience):
                status = (await ask(service, "/readyz")).status
        except TimeoutError:
            finding = "timeout"
        except AppError as error:
            finding = error.slug.removeprefix("upstream-")
        else:
            finding = _OK if status == HTTPStatus.OK else f"not ready ({status})"
        if finding != _OK:
            log.warning("health.failed", service=service.name, finding=finding)
        return finding
