"""What people reach from a mail, and how they ask for one."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.security import OAuth2PasswordBearer

from auth_service.access import NotAPerson
from auth_service.accounts.service import Accounts
from auth_service.recovery.confirmation import EmailConfirmation
from auth_service.recovery.passwords import PasswordReset
from auth_service.recovery.schemas import Accepted, EmailProof, Forgotten, NewPasswordChoice, ProvedEmail, Resend
from auth_service.recovery.submitted import body_of
from auth_service.recovery.visit import Visit
from auth_service.sessions.device import DeviceDep
from strongroom import TokenVerifier
from strongroom.errors import Unauthorized
from strongroom.web.documented import refusals
from strongroom.web.parts import part, provided

router = APIRouter(prefix="/auth", tags=["accounts"])

AccountsDep = Annotated[Accounts, provided(Accounts)]
ConfirmationDep = Annotated[EmailConfirmation, provided(EmailConfirmation)]
PasswordsDep = Annotated[PasswordReset, provided(PasswordReset)]
VisitDep = Annotated[Visit, Depends(Visit)]
LinkToken = Annotated[str, Query(max_length=200)]

_bearer = OAuth2PasswordBearer(tokenUrl="/auth/token", scheme_name="Strongroom", auto_error=False)


async def _resend_to(
    request: Request,
    accounts: AccountsDep,
    token: Annotated[str | None, Depends(_bearer)],
    wanted: Resend | None = None,
) -> str:
    if wanted and wanted.email is not None:
        return wanted.email
    if token is None:
        raise Unauthorized
    who = await part(request.app, TokenVerifier).verify(token)
    if who.session_id is None:
        raise NotAPerson
    return (await accounts.current(UUID(who.subject))).email


@router.get("/email/verify", response_class=Response, include_in_schema=False)
async def show_confirmation(visit: VisitDep, token: LinkToken) -> Response:
    return await visit.show_confirmation(token)


_PAGE: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}


@router.post(
    "/email/verify",
    response_model=ProvedEmail,
    responses={200: {"content": _PAGE}, **refusals(_PAGE)},
    openapi_extra=body_of(EmailProof),
)
async def confirm(visit: VisitDep) -> Response:
    """Proves an address, or changes it to the one that the link was sent to: 409 if another account has that now."""
    return await visit.confirm()


@router.post("/email/resend", status_code=202)
async def resend(
    email: Annotated[str, Depends(_resend_to)], confirmation: ConfirmationDep, device: DeviceDep
) -> Accepted:
    """The same answer whether or not there is an account with this address, and whether or not it is verified."""
    await confirmation.resend(email, device.address)
    return Accepted()


@router.post("/password/forgot", status_code=202)
async def forgot(wanted: Forgotten, passwords: PasswordsDep, device: DeviceDep) -> Accepted:
    """The same answer whether or not there is an account with this address."""
    await passwords.forgot(wanted.email, device.address)
    return Accepted()


@router.get("/password/reset", response_class=Response, include_in_schema=False)
async def show_reset(visit: VisitDep, token: LinkToken) -> Response:
    return await visit.show_reset(token)


@router.post(
    "/password/reset",
    status_code=204,
    responses={200: {"description": "A page, where a page was the form", "content": _PAGE}, **refusals(_PAGE)},
    openapi_extra=body_of(NewPasswordChoice),
)
async def reset(visit: VisitDep) -> Response:
    """Signs the account out everywhere. A password that is too weak does not use the link up."""
    return await visit.reset()
