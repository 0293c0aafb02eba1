"""The text of documents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from file_service.access import Reader
from file_service.downloads.schemas import Number
from file_service.downloads.stored_response import StoredResponse
from file_service.negotiation import acceptable
from file_service.texts.schemas import TextOut
from file_service.texts.service import Texts
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["contents"])

_JSON, _PLAIN = "application/json", "text/plain"
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Type": "text/plain; charset=utf-8",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}


@router.get(
    "/{file_id}/text",
    response_model=TextOut,
    responses={200: {"content": {_PLAIN: {"schema": {"type": "string"}}}}},
)
async def text(
    file_id: UUID,
    who: Reader,
    texts: Annotated[Texts, provided(Texts)],
    response: Response,
    version: Number = None,
    page: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Left out: all of them")] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> TextOut | Response:
    """Of PDF, office documents, mails, web pages and plain text; with `Accept: text/plain` the text alone.

    409 `not-derived-yet` until it was read, 422 `unreadable-file` with a `reason` where it cannot be.
    """
    if acceptable(accept, (_JSON, _PLAIN))[0] == _PLAIN:
        return StoredResponse(await texts.plain(who.id, file_id, version, page), 200, _HEADERS)
    response.headers["Vary"] = "Accept"
    return await texts.of(who.id, file_id, version, page)
