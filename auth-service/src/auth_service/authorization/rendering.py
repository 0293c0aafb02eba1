"""Shows people what went wrong at the authorization endpoint, or tells it to the app that sent them."""

from fastapi import FastAPI, Request, Response

from auth_service.authorization.errors import BrokenRequest, FormExpired, RequestRefused
from auth_service.pages.rendering import page
from strongroom.errors import AppError

_SEE_OTHER = 303


def see_other(location: str) -> Response:
    """`location` is sent as it is: RedirectResponse would rewrite characters of an address that must be exact."""
    headers = {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status_code=_SEE_OTHER, headers=headers)


def render_authorization_errors(app: FastAPI, issuer: str) -> None:
    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestRefused)
        answer = {"error": error.error, "error_description": error.description}
        return see_other(error.back.with_answer(answer, issuer))

    async def shown(_: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)
        return page("message.html", status=error.status, title=error.title, text=error.detail or "")

    app.add_exception_handler(RequestRefused, refused)
    app.add_exception_handler(BrokenRequest, shown)
    app.add_exception_handler(FormExpired, shown)
