"""Builds a service's FastAPI application out of its routers, with what every service does alike."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI

from strongroom.web import health
from strongroom.web.access import AccessLog, Watching
from strongroom.web.body_limit import BodyLimit
from strongroom.web.documented import refusals
from strongroom.web.early_answers import EarlyAnswers
from strongroom.web.for_browsers import ForBrowsers
from strongroom.web.json_text import JsonText
from strongroom.web.problems import render_problems
from strongroom.web.telemetry import NO_TELEMETRY

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def build_app(
    title: str,
    *,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    body_limit: int,
    streaming: tuple[str, ...] = (),
    larger_bodies: Mapping[str, int] | None = None,
    secret_below: tuple[str, ...] = (),
    watching: Watching | None = None,
) -> FastAPI:
    """`body_limit` is in bytes and holds for every path that does not begin with one of `streaming`; what begins
    with one of `larger_bodies` has that limit.

    Of a path that begins with one of `secret_below`, no more than that is logged. `watching` is told of every request.

    The gateway shows the documentation of all services together, so there is no page here, only `/openapi.json`.
    """
    app = FastAPI(
        title=title,
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=refusals(),
        telemetry=NO_TELEMETRY,
    )
    for router in (*routers, health.router):
        app.include_router(router)
    render_problems(app)
    app.add_middleware(JsonText, streaming=streaming)
    app.add_middleware(BodyLimit, limit=body_limit, streaming=streaming, larger=larger_bodies)
    app.add_middleware(EarlyAnswers)
    app.add_middleware(ForBrowsers)
    app.add_middleware(AccessLog, secret_below=secret_below, watching=watching)
    return app
