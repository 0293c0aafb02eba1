"""Answers whoever follows a link: a person with pages, an app with JSON. Only what is posted uses a link up."""

from collections.abc import Awaitable

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from auth_service.pages.rendering import page
from auth_service.recovery.confirmation import EmailConfirmation
from auth_service.recovery.errors import InvalidLink
from auth_service.recovery.passwords import PasswordReset
from auth_service.recovery.schemas import EmailProof, NewPasswordChoice, ProvedEmail
from auth_service.recovery.submitted import submitted
from strongroom.errors import AppError
from strongroom.web.parts import part

_NO_STORE = {"Cache-Control": "no-store"}


class Visit:
    def __init__(self, request: Request) -> None:
        self._request = request
        self._confirmation = part(request.app, EmailConfirmation)
        self._passwords = part(request.app, PasswordReset)

    async def show_confirmation(self, token: str) -> Response:
        if not await self._confirmation.is_good(token):
            return _trouble(InvalidLink())
        return _page("confirm_email.html", "Confirm your email address", token=token)

    async def confirm(self) -> Response:
        sent = await submitted(self._request, EmailProof)
        work = self._confirmation.confirm(sent.body.token)
        if not sent.by_form:
            return JSONResponse(ProvedEmail(email=await work).model_dump(), headers=_NO_STORE)
        outcome = await _outcome(work)
        if isinstance(outcome, AppError):
            return _trouble(outcome)
        return _page("message.html", "Thank you", text=f"{outcome} is confirmed. You can close this page.")

    async def show_reset(self, token: str) -> Response:
        if not await self._passwords.is_good(token):
            return _trouble(InvalidLink())
        return _reset_form(token)

    async def reset(self) -> Response:
        sent = await submitted(self._request, NewPasswordChoice)
        work = self._passwords.reset(sent.body.token, sent.body.new_password.get_secret_value())
        if not sent.by_form:
            await work
            return Response(status_code=204, headers=_NO_STORE)
        outcome = await _outcome(work)
        if isinstance(outcome, InvalidLink):
            return _trouble(outcome)
        if isinstance(outcome, AppError):
            return _reset_form(sent.body.token, outcome)
        return _page("message.html", "Your password is changed", text="You are signed out everywhere. Sign in again.")


async def _outcome(work: Awaitable[str | None]) -> str | AppError | None:
    """A refusal is shown on the page that the person is at."""
    try:
        return await work
    except AppError as error:
        return error


def _reset_form(token: str, error: AppError | None = None) -> Response:
    trouble = (error.detail or error.title) if error else ""
    return _page(
        "new_password.html",
        "Choose a new password",
        status=error.status if error else 200,
        token=token,
        trouble=trouble,
    )


def _trouble(error: AppError) -> Response:
    return _page("message.html", error.title, status=error.status, text=error.detail or "")


def _page(template: str, title: str, *, status: int = 200, **values: str) -> Response:
    return page(template, status=status, title=title, root="..", **values)
