"""Revocation (RFC 7009), introspection (RFC 7662), and what an app is told of its user."""

from typing import Annotated

from fastapi import APIRouter, Response

from auth_service.access import OpenId
from auth_service.accounts.service import Accounts
from auth_service.oauth.client_authentication import CallerDep
from auth_service.oauth.errors import DOCUMENTED, NO_STORE, InvalidClient
from auth_service.oauth.form import parsed
from auth_service.oauth.person_claims import person_claims
from auth_service.oauth.routes import form_body
from auth_service.oauth.schemas import Introspection, TokenHint, UserInfo
from auth_service.oauth.token_service import Tokens
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth", tags=["tokens"])

TokensDep = Annotated[Tokens, provided(Tokens)]
AccountsDep = Annotated[Accounts, provided(Accounts)]

_BODY = form_body(TokenHint.model_json_schema())


@router.post("/revoke", response_class=Response, responses=DOCUMENTED, openapi_extra=_BODY)
async def revoke(caller: CallerDep, tokens: TokensDep) -> Response:
    """A refresh token is revoked with its whole session, an access token by itself. 200 whether or not it was valid.

    Another client's is refused with `invalid_grant` (RFC 7009 §2.1).
    """
    await tokens.revoke(caller, parsed(TokenHint, caller.form).token)
    return Response(headers=NO_STORE)


@router.post("/introspect", response_model_exclude_none=True, responses=DOCUMENTED, openapi_extra=_BODY)
async def introspect(caller: CallerDep, tokens: TokensDep, response: Response) -> Introspection:
    """For clients that have a secret."""
    if not caller.confidential:
        raise InvalidClient
    response.headers.update(NO_STORE)
    return await tokens.introspect(caller, parsed(TokenHint, caller.form).token)


@router.get("/userinfo", response_model_exclude_none=True)
@router.post("/userinfo", response_model_exclude_none=True, include_in_schema=False)
async def userinfo(who: OpenId, accounts: AccountsDep, response: Response) -> UserInfo:
    """OpenID Connect Core §5.3: for tokens with the scope `openid`, as much as `profile` and `email` allow."""
    response.headers.update(NO_STORE)
    account = await accounts.current(who.account_id)
    return UserInfo.model_validate(person_claims(account, " ".join(who.scopes)))
