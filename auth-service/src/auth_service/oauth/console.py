"""What is different at the token endpoint for the web console: who may ask, and where its refresh token is."""

from fastapi import Request, Response

from auth_service.oauth.client_authentication import Caller
from auth_service.oauth.errors import InvalidGrant, InvalidRequest
from auth_service.oauth.schemas import TokenRequest
from auth_service.oauth.service import Grant, Grants
from auth_service.sessions import console


def require_our_pages(request: Request) -> None:
    """Raises InvalidRequest for anybody else: what signs in by cookie must not be another site's form."""
    if not console.comes_from_our_pages(request):
        raise InvalidRequest("This client is the pages of this very origin")


async def refresh(request: Request, form: TokenRequest, caller: Caller, grants: Grants) -> Grant:
    """Raises InvalidRequest for a token that a script holds, and InvalidGrant, which takes the cookie away."""
    if form.refresh_token is not None:
        raise InvalidRequest("The refresh token of this client is in its cookie")
    try:
        return await grants.refresh(caller, console.presented(request) or "", form.scope)
    except InvalidGrant as error:
        error.headers |= _removal(request)
        raise


def keep(request: Request, response: Response, grant: Grant) -> None:
    if grant.refresh_token is not None:
        console.keep(request, response, grant.refresh_token, seconds=grant.refresh_expires_in)


def _removal(request: Request) -> dict[str, str]:
    emptied = Response()
    console.forget(request, emptied)
    return {"Set-Cookie": emptied.headers["set-cookie"]}
