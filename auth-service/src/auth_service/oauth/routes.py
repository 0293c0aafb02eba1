"""The token endpoint."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from auth_service.oauth import console
from auth_service.oauth.client_authentication import Caller, CallerDep
from auth_service.oauth.errors import DOCUMENTED, NO_STORE, InvalidRequest, UnauthorizedClient, UnsupportedGrantType
from auth_service.oauth.form import parsed, required
from auth_service.oauth.schemas import TokenAnswer, TokenRequest
from auth_service.oauth.service import Grant, Grants
from auth_service.sessions.device import Device, DeviceDep, mark_device
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth", tags=["tokens"])

# What a person tells the client, and not us.
_BY_PERSONS = {"password", "mfa", "passkey"}

GrantsDep = Annotated[Grants, provided(Grants)]


def form_body(schema: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI is told of a form that is parsed by hand."""
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


@router.post(
    "/token",
    response_model_exclude_none=True,
    responses=DOCUMENTED,
    openapi_extra=form_body(TokenRequest.model_json_schema()),
)
async def token(
    request: Request, caller: CallerDep, grants: GrantsDep, device: DeviceDep, response: Response
) -> TokenAnswer:
    """RFC 6749 §3.2. Clients authenticate by HTTP Basic or in the body; without a client it is Strongroom's own app.

    A sign-in that needs a second factor is answered 403 `mfa_required` with an `mfa_token` for the grant type `mfa`.

    `strongroom-console` is for pages of this very origin: requests from anywhere else are refused. Its refresh token is
    told and taken by a cookie that no script can read, and never in a body. `strongroom-cli` is the command line, which
    people sign in to by the authorization code alone, at `http://127.0.0.1/callback` or `http://[::1]/callback`, with
    any port.
    """
    form = parsed(TokenRequest, caller.form)
    if caller.is_console:
        console.require_our_pages(request)
    if caller.is_console and form.grant_type == "refresh_token":
        grant = await console.refresh(request, form, caller, grants)
    else:
        grant = await _decide(form, caller, grants, device)
    response.headers.update(NO_STORE)
    if grant.device_cookie:
        mark_device(request, response, grant.device_cookie)
    if caller.is_console:
        console.keep(request, response, grant)
    return TokenAnswer.of(grant, with_refresh_token=not caller.is_console)


async def _decide(form: TokenRequest, caller: Caller, grants: Grants, device: Device) -> Grant:
    if form.grant_type in _BY_PERSONS and not caller.is_told_passwords:
        raise UnauthorizedClient
    match form.grant_type:
        case "password":
            username, password = required(form.username, "username"), required(form.password, "password")
            return await grants.password(caller, username, password, form.scope, device)
        case "refresh_token":
            return await grants.refresh(caller, required(form.refresh_token, "refresh_token"), form.scope)
        case "client_credentials":
            return await grants.client_credentials(caller, form.scope)
        case "authorization_code":
            code, verifier = required(form.code, "code"), required(form.code_verifier, "code_verifier")
            return await grants.authorization_code(caller, code, form.redirect_uri, verifier, device)
        case "mfa":
            mfa_token = required(form.mfa_token, "mfa_token")
            if form.credential is None:
                return await grants.second_factor(caller, mfa_token, required(form.code, "code"), None, device)
            return await grants.second_factor(caller, mfa_token, None, _credential(form), device)
        case "passkey":
            passkey_token = required(form.passkey_token, "passkey_token")
            return await grants.passkey(caller, passkey_token, _credential(form), form.scope, device)
        case _:
            raise UnsupportedGrantType


def _credential(form: TokenRequest) -> dict[str, Any]:
    try:
        credential = json.loads(required(form.credential, "credential"))
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("credential is not JSON") from error
    if not isinstance(credential, dict):
        raise InvalidRequest("credential is not a JSON object")
    return credential
