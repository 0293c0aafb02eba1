"""The token endpoint."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from auth_service.oauth.errors import NO_STORE, InvalidRequest, UnsupportedGrantType
from auth_service.oauth.form import token_form
from auth_service.oauth.schemas import TokenAnswer, TokenRequest
from auth_service.oauth.service import Grant, Grants
from auth_service.sessions.service import Device
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth", tags=["tokens"])

GrantsDep = Annotated[Grants, provided(Grants)]
Form = Annotated[TokenRequest, Depends(token_form)]

_BODY = {
    "required": True,
    "content": {"application/x-www-form-urlencoded": {"schema": TokenRequest.model_json_schema()}},
}


async def _device(request: Request) -> Device:
    agent = request.headers.get("user-agent")
    return Device(request.client.host if request.client else None, agent[:400] if agent else None)


DeviceDep = Annotated[Device, Depends(_device)]


@router.post("/token", openapi_extra={"requestBody": _BODY})
async def token(form: Form, grants: GrantsDep, device: DeviceDep, response: Response) -> TokenAnswer:
    """RFC 6749 §3.2. Grant types: `password` (`username` is the email address), `refresh_token`."""
    response.headers.update(NO_STORE)
    return TokenAnswer.of(await _decide(form, grants, device))


async def _decide(form: TokenRequest, grants: Grants, device: Device) -> Grant:
    match form.grant_type:
        case "password":
            return await grants.password(
                _required(form.username, "username"), _required(form.password, "password"), form.scope, device
            )
        case "refresh_token":
            return await grants.refresh(_required(form.refresh_token, "refresh_token"), form.scope)
        case _:
            raise UnsupportedGrantType


def _required(value: str | None, name: str) -> str:
    if value is None:
        raise InvalidRequest(f"{name} is missing")
    return value
