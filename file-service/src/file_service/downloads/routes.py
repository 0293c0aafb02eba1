"""Downloads."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from file_service.access import Reader
from file_service.downloads.schemas import (
    GET_PARAMETERS,
    GET_RESPONSES,
    HEAD_PARAMETERS,
    HEAD_RESPONSES,
    Number,
    Wanted,
)
from file_service.downloads.service import Downloads
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["downloads"])

DownloadsDep = Annotated[Downloads, provided(Downloads)]


@router.get("/{file_id}/download", response_class=Response, responses=GET_RESPONSES, openapi_extra=GET_PARAMETERS)
async def download(
    file_id: UUID, who: Reader, downloads: DownloadsDep, wanted: Wanted, version: Number = None
) -> Response:
    """The file's bytes, or parts of them."""
    return await downloads.download(who.id, file_id, version, wanted)


@router.head("/{file_id}/download", response_class=Response, responses=HEAD_RESPONSES, openapi_extra=HEAD_PARAMETERS)
async def describe_download(
    file_id: UUID, who: Reader, downloads: DownloadsDep, wanted: Wanted, version: Number = None
) -> Response:
    """The headers that a GET has, and not one byte read."""
    return await downloads.download(who.id, file_id, version, wanted)
