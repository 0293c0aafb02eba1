"""Publishes the key set that tokens are verified with, and lets administrators rotate it."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response

from auth_service.access import Admin
from auth_service.keys.rotation import JWKS_MAX_AGE, KeyRotation
from auth_service.keys.schemas import KeyOut, Rotation
from auth_service.keys.service import KeyRing
from strongroom.web.parts import provided

router = APIRouter()

KeyRingDep = Annotated[KeyRing, provided(KeyRing)]
RotationDep = Annotated[KeyRotation, provided(KeyRotation)]


class JwkSet(JSONResponse):
    media_type = "application/jwk-set+json"


_CACHING = f"public, max-age={int(JWKS_MAX_AGE.total_seconds())}"


@router.get(
    "/.well-known/jwks.json",
    response_class=JwkSet,
    response_model=dict[str, list[dict[str, str]]],
    responses={304: {"description": "The same as before"}},
    tags=["discovery"],
)
async def jwks(keys: KeyRingDep, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """RFC 7517 §5, with an ETag, cacheable by anyone."""
    document = JwkSet(keys.jwks())
    etag = f'"{sha256(bytes(document.body)).hexdigest()[:32]}"'
    caching = {"Cache-Control": _CACHING, "ETag": etag}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=caching)
    document.headers.update(caching)
    return document


@router.get("/auth/keys", tags=["admin"])
async def lives(_: Admin, rotation: RotationDep) -> list[KeyOut]:
    """Newest first."""
    return [KeyOut.of(life) for life in await rotation.lives()]


@router.post("/auth/keys/rotate", tags=["admin"])
async def rotate(admin: Admin, rotation: RotationDep, wanted: Rotation | None = None) -> list[KeyOut]:
    """The next key signs as soon as every verifier can know it: see `activates_at`. No token becomes invalid by it.

    `emergency` is for keys in wrong hands: both are replaced at once, every access token becomes invalid within six
    minutes, and meanwhile verifiers may refuse new ones too.
    """
    await (rotation.replace_all(admin) if wanted and wanted.emergency else rotation.rotate(admin))
    return [KeyOut.of(life) for life in await rotation.lives()]
