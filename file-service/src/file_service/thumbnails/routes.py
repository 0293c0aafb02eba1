"""Previews of pictures and of pages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from file_service.access import Reader
from file_service.conditions import entity_tags
from file_service.downloads.schemas import Number
from file_service.downloads.stored_response import StoredResponse
from file_service.negotiation import acceptable
from file_service.parsers.thumbnail_sizes import THUMBNAIL_FORMATS
from file_service.thumbnails.schemas import RESPONSES, width
from file_service.thumbnails.service import Thumbnails
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["contents"])

_SAFE = {"Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}


@router.get("/{file_id}/thumbnail", response_class=Response, responses=RESPONSES)
async def thumbnail(
    file_id: UUID,
    who: Reader,
    thumbnails: Annotated[Thumbnails, provided(Thumbnails)],
    request: Request,
    wide: Annotated[int, Depends(width)],
    version: Number = None,
    page: Annotated[int, Query(ge=1, le=2**31 - 1, description="Of a PDF")] = 1,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Of pictures and of PDF pages, upright and with nothing in it of where and how the picture was taken.

    409 `not-derived-yet` until it is made, 422 `unreadable-file` with a `reason` where it cannot be.
    """
    types = acceptable(accept, tuple(THUMBNAIL_FORMATS.values()))
    found = await thumbnails.find(who.id, file_id, version, width=wide, page=page, types=types)
    headers = {"Cache-Control": "private, no-cache", "ETag": found.etag, "Vary": "Accept"}
    known = entity_tags(request.headers.get("if-none-match"))
    if known is not None and known.match_weakly(found.etag):
        return Response(status_code=304, headers=headers)
    headers |= {"Content-Type": found.content_type, "Content-Length": str(found.size)}
    return StoredResponse(found.opening, 200, {**headers, **_SAFE})
