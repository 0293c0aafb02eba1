"""Tells clients where everything is (OpenID Connect Discovery 1.0 §3, RFC 8414 §2)."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from auth_service.oauth.scopes import ALL_SCOPES
from strongroom.web.parts import provided

router = APIRouter(tags=["discovery"])


@dataclass(frozen=True, slots=True)
class Discovery:
    """The issuer's metadata. Only what exists is announced."""

    issuer: str

    def document(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "token_endpoint": f"{self.issuer}/auth/token",
            "token_endpoint_auth_methods_supported": ["none"],
            "grant_types_supported": ["password", "refresh_token"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": list(ALL_SCOPES),
            "service_documentation": f"{self.issuer}/docs",
        }


DiscoveryDep = Annotated[Discovery, provided(Discovery)]


@router.get("/.well-known/openid-configuration", response_model=dict[str, object])
@router.get("/.well-known/oauth-authorization-server", response_model=dict[str, object])
async def metadata(discovery: DiscoveryDep) -> JSONResponse:
    return JSONResponse(discovery.document(), headers={"Cache-Control": "public, max-age=300"})
