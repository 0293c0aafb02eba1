"""Tells an orchestrator whether the process lives and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from strongroom.web.parts import part

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)

Check = Callable[[], Awaitable[object]]
_PATIENCE = 2.0


class Readiness:
    """Named checks, run together. One that raises, or takes over two seconds, makes the service not ready."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    async def report(self) -> dict[str, str]:
        """`ok` or a short reason by name; the whole reason is in the log."""
        outcomes = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, outcomes, strict=True))

    async def _run(self, name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(_PATIENCE):
                await check()
        except Exception as error:
            log.warning("readiness.failed", check=name, exc_info=error)
            return type(error).__name__
        return "ok"


@router.get("/livez")
async def alive() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    checks = await part(request.app, Readiness).report()
    good = all(outcome == "ok" for outcome in checks.values())
    return JSONResponse({"status": "ok" if good else "unavailable", "checks": checks}, 200 if good else 503)
