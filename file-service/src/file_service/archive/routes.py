"""Downloads of many files at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Response

from file_service.access import Account, Reader
from file_service.archive.errors import NothingSelected
from file_service.archive.schemas import ArchiveRequest
from file_service.archive.sending import Archive
from file_service.archive.service import Archives
from file_service.files.paths import parse_folder
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["downloads"])

ArchivesDep = Annotated[Archives, provided(Archives)]

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The archive. Its `Content-Length` is known for up to a thousand files",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/archive", response_class=Response, responses=_ZIP)
async def archive(wanted: ArchiveRequest, who: Reader, archives: ArchivesDep) -> Response:
    """A zip archive, made while it is sent. Names are relative to `prefix`; files given by `ids` lie side by side."""
    return (await _selected(wanted, who, archives)).answer()


async def _selected(wanted: ArchiveRequest, who: Account, archives: Archives) -> Archive:
    match wanted.ids, wanted.prefix:
        case ids, None if ids is not None:
            return await archives.of_files(who.id, ids)
        case None, prefix if prefix is not None:
            return await archives.of_folder(who.id, parse_folder(prefix) if prefix else "")
    raise NothingSelected
