"""Downloads."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from file_service.access import Reader
from file_service.downloads.content_disposition import attachment
from file_service.downloads.service import Downloads
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["downloads"])

DownloadsDep = Annotated[Downloads, provided(Downloads)]


@router.get("/{file_id}/download", response_class=StreamingResponse)
async def download(file_id: UUID, who: Reader, downloads: DownloadsDep) -> StreamingResponse:
    """The file's bytes."""
    opened = await downloads.open(who.id, file_id, None)
    content = opened.version.content
    headers = {
        "Content-Length": str(content.size),
        "Content-Type": content.content_type,
        "Content-Disposition": attachment(opened.file.filename),
        "ETag": f'"{content.sha256.hex()}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(opened.chunks, headers=headers)
