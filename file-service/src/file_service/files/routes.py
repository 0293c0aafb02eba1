"""Lists files, tells about one, and removes it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Reader, Writer
from file_service.files.schemas import FileOut
from file_service.files.service import Files
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["files"])

FilesDep = Annotated[Files, provided(Files)]


@router.get("")
async def listing(owner: Reader, files: FilesDep, limit: Limit = 50, cursor: Cursor = None) -> Page[FileOut]:
    """Newest first."""
    rows = await files.listed(owner, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=FileOut.of, cursor=lambda file: encode_cursor(str(file.id)))


@router.get("/{file_id}")
async def describe(file_id: UUID, owner: Reader, files: FilesDep) -> FileOut:
    return FileOut.of(await files.get(owner, file_id))


@router.delete("/{file_id}", status_code=204)
async def remove(file_id: UUID, owner: Writer, files: FilesDep, permanent: bool = False) -> None:
    """To the trash, or with `permanent=true` for good."""
    if permanent:
        await files.remove(owner, file_id)
    else:
        await files.trash(owner, file_id)
