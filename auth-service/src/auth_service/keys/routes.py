"""Publishes the key set that tokens are verified with."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response

from auth_service.keys.service import KeyRing
from strongroom.web.parts import provided

router = APIRouter(tags=["discovery"])

KeyRingDep = Annotated[KeyRing, provided(KeyRing)]

# Verifiers refetch at this pace, so a key must be published for as long before it signs.
JWKS_MAX_AGE_SECONDS = 300


@router.get("/.well-known/jwks.json", response_model=dict[str, list[dict[str, str]]])
async def jwks(keys: KeyRingDep, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """RFC 7517 §5, with an ETag, cacheable by anyone."""
    document = JSONResponse(keys.jwks(), media_type="application/jwk-set+json")
    etag = f'"{sha256(bytes(document.body)).hexdigest()[:32]}"'
    caching = {"Cache-Control": f"public, max-age={JWKS_MAX_AGE_SECONDS}", "ETag": etag}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=caching)
    document.headers.update(caching)
    return document
