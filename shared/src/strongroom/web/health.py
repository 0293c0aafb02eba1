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
Note = Callable[[], str]
_PATIENCE = 2.0


class Readiness:
    """Named checks, run together. One that raises, or takes over two seconds, makes the service not ready.

    `notes` tell the state of what the service can do without for a while; they are reported and decide nothing.
    """

    def __init__(self, checks: Mapping[str, Check], notes: Mapping[str, Note] | None = None) -> None:
        self._checks = checks
        self._notes = notes or {}

    async def report(self) -> dict[str, str]:
        """`ok` or a short reason by name; the whole reason is in the log."""
        outcomes = await asyncio.gather(*(self._run(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, outcomes, strict=True))

    def notes(self) -> dict[str, str]:
        return {name: note() for name, note in self._notes.items()}

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
    readiness = part(request.app, Readiness)
    checks = await readiness.report()
    good = all(outcome == "ok" for outcome in checks.values())
    body = {"status": "ok" if good else "unavailable", "checks": checks | readiness.notes()}
    return JSONResponse(body, 200 if good else 503)
