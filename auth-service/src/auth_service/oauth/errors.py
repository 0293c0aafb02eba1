"""The token endpoint's refusals, in the body that RFC 6749 §5.2 prescribes instead of problem+json."""

from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from strongroom.errors import AppError

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthError(AppError):
    """`slug` is the `error` code."""

    status = 400
    challenge: ClassVar[str | None] = None


class InvalidRequest(OAuthError):
    slug = "invalid_request"
    title = "A parameter is missing, repeated or malformed"


class InvalidGrant(OAuthError):
    slug = "invalid_grant"
    title = "The credentials or the token presented are not valid"


class InvalidScope(OAuthError):
    slug = "invalid_scope"
    title = "The scope asked for is more than may be granted"


class UnsupportedGrantType(OAuthError):
    slug = "unsupported_grant_type"
    title = "This grant type is not supported"


def render_oauth_errors(app: FastAPI) -> None:
    app.add_exception_handler(OAuthError, _render)


async def _render(_: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    body = {"error": error.slug, "error_description": error.detail or error.title}
    return JSONResponse(body, error.status, headers={**NO_STORE, **error.headers})
