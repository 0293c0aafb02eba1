"""Tells clients where everything is (OpenID Connect Discovery 1.0 §3, RFC 8414 §2)."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response

from auth_service.roles.service import Roles
from strongroom.web.parts import provided

router = APIRouter(tags=["discovery"])


@dataclass(frozen=True, slots=True)
class Discovery:
    """The issuer's metadata. Only what exists is announced."""

    issuer: str
    roles: Roles

    async def document(self) -> dict[str, object]:
        scopes = {scope for role in await self.roles.listed() for scope in role.scopes}
        authentication = ["client_secret_basic", "client_secret_post"]
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "authorization_endpoint": f"{self.issuer}/auth/authorize",
            "token_endpoint": f"{self.issuer}/auth/token",
            "userinfo_endpoint": f"{self.issuer}/auth/userinfo",
            "revocation_endpoint": f"{self.issuer}/auth/revoke",
            "introspection_endpoint": f"{self.issuer}/auth/introspect",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "password",
                "mfa",
                "passkey",
            ],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [*authentication, "none"],
            "revocation_endpoint_auth_methods_supported": [*authentication, "none"],
            "introspection_endpoint_auth_methods_supported": authentication,
            "authorization_response_iss_parameter_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "nonce",
                "sid",
                "name",
                "email",
                "email_verified",
            ],
            "scopes_supported": sorted(scopes),
            "service_documentation": f"{self.issuer}/docs",
        }


DiscoveryDep = Annotated[Discovery, provided(Discovery)]


_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The same as before"}}


@router.get("/.well-known/openid-configuration", response_model=dict[str, object], responses=_UNCHANGED)
@router.get("/.well-known/oauth-authorization-server", response_model=dict[str, object], responses=_UNCHANGED)
async def metadata(discovery: DiscoveryDep, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    document = JSONResponse(await discovery.document())
    etag = f'"{sha256(bytes(document.body)).hexdigest()[:32]}"'
    caching = {"Cache-Control": "public, max-age=300", "ETag": etag}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=caching)
    document.headers.update(caching)
    return document
