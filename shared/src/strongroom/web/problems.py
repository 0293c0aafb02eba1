"""Renders every refusal and fault as problem+json (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.websockets import WebSocket

from strongroom.errors import AppError

log = structlog.get_logger()

Asked = Request | WebSocket  # one that is not accepted yet gets the same answer as a request would
_OUR_FAULT = {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.SERVICE_UNAVAILABLE}
_CLIENT_CLOSED_REQUEST = 499  # nobody reads it; it only marks the access line


def problem(
    status: int,
    slug: str,
    title: str,
    detail: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """`type` is stable and never changes for a slug; `title` and `detail` are for people."""
    body = {"type": f"urn:problem-type:strongroom:{slug}", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    return JSONResponse(body | more, status, dict(headers or {}), media_type="application/problem+json")


def render_problems(app: Starlette) -> None:
    app.add_exception_handler(AppError, _expected)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(WebSocketRequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _fault)


def render(error: AppError) -> Response:
    return problem(error.status, error.slug, error.title, error.detail, headers=error.headers, **error.members)


async def _expected(_: Asked, error: Exception) -> Response:
    assert isinstance(error, AppError)
    if error.status in _OUR_FAULT:
        log.warning("request.unavailable", problem=error.slug, exc_info=error)
    return render(error)


async def _invalid(_: Asked, error: Exception) -> Response:
    assert isinstance(error, (RequestValidationError, WebSocketRequestValidationError))
    errors = [_field(one) for one in error.errors()]
    detail = "; ".join(f"{one['field']}: {one['message']}" for one in errors)
    title = "The request does not have the expected form"
    return problem(422, "invalid-request", title, detail, errors=errors)


def _field(error: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong and where, never the value itself: it may be a password."""
    where: Sequence[Any] = error["loc"]
    return {"field": ".".join(str(step) for step in where[1:]) or str(where[0]), "message": str(error["msg"])}


async def _refused(_: Request, error: Exception) -> Response:
    """Starlette's own refusals: no such route, wrong method."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    return problem(error.status_code, phrase.lower().replace(" ", "-"), phrase, headers=error.headers)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


async def _fault(_: Request, error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    return render(AppError())
