"""The token endpoint's refusals, in the body that RFC 6749 §5.2 prescribes instead of problem+json."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from strongroom.database.attempts import TooManyAttempts
from strongroom.errors import AppError
from strongroom.web.documented import refusals

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

_SCHEMA = {
    "title": "OAuthError",
    "type": "object",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "required": ["error"],
}
DOCUMENTED = refusals({"application/json": {"schema": _SCHEMA}})


class OAuthError(AppError):
    """`slug` is the `error` code."""

    status = 400


class InvalidRequest(OAuthError):
    slug = "invalid_request"
    title = "A parameter is missing, repeated or malformed"


class InvalidClient(OAuthError):
    """401 with a challenge, whichever way the client tried to authenticate."""

    status = 401
    slug = "invalid_client"
    title = "The client is unknown, or its credentials are not right"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="strongroom", charset="UTF-8"'})


class InvalidGrant(OAuthError):
    slug = "invalid_grant"
    title = "The credentials or the token presented are not valid"


class UnauthorizedClient(OAuthError):
    slug = "unauthorized_client"
    title = "The client may not use this grant type"


class InvalidScope(OAuthError):
    slug = "invalid_scope"
    title = "The scope asked for is more than may be granted"


class UnsupportedGrantType(OAuthError):
    slug = "unsupported_grant_type"
    title = "This grant type is not supported"


class SignInRefused(OAuthError):
    """One answer for an unknown account, a wrong password, and too many attempts: none tells the others apart."""

    slug = "invalid_grant"
    title = "The username or the password is not right, or there were too many attempts; wait before you try again"


class SignInThrottled(SignInRefused):
    status = 429

    def __init__(self, cause: TooManyAttempts) -> None:
        super().__init__(headers=cause.headers)


class MfaRequired(OAuthError):
    """The password was right, and a second factor is needed: redeem `mfa_token` with the grant type `mfa`."""

    status = 403
    slug = "mfa_required"
    title = "A second factor is needed"

    def __init__(self, mfa_token: str, methods: tuple[str, ...]) -> None:
        super().__init__()
        self.members |= {"mfa_token": mfa_token, "mfa_methods": list(methods)}


def render_oauth_errors(app: FastAPI) -> None:
    app.add_exception_handler(OAuthError, _render)


async def _render(_: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)
    body = {"error": error.slug, "error_description": error.detail or error.title, **error.members}
    return JSONResponse(body, error.status, headers={**NO_STORE, **error.headers})
