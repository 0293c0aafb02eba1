"""Lists files, finds them, tells about one, changes and removes it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Reader, Writer
from file_service.derivations.readings import Readings
from file_service.files.asking import Asked
from file_service.files.cursors import cursor_at, position_at
from file_service.files.errors import InvalidPath
from file_service.files.paths import parse_path
from file_service.files.schemas import EmptiedTrash, FileChange, FileDetails, FileOut, QuotedFile, found
from file_service.files.service import Change, Files
from strongroom.web.pages import Cursor, Limit, Page, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["files"])

FilesDep = Annotated[Files, provided(Files)]


@router.get("")
async def listing(
    who: Reader, files: FilesDep, search: Asked, limit: Limit = 50, cursor: Cursor = None
) -> Page[QuotedFile | FileOut]:
    """With several of the conditions, files that meet all of them."""
    rows = await files.listed(who.id, search, after=position_at(cursor, search.sort), limit=limit + 1)
    quotes = await files.quoted(who.id, rows[:limit], search.text)
    return page(
        rows,
        limit,
        show=lambda one: found(one.file, quotes.get(one.file.content.object_key)),
        cursor=lambda one: cursor_at(one, search.sort),
    )


@router.delete("/trash")
async def empty_trash(who: Writer, files: FilesDep) -> EmptiedTrash:
    """What is in the trash is removed for good."""
    return EmptiedTrash(file_count=await files.empty_trash(who.id))


@router.get("/{file_id}")
async def describe(
    file_id: UUID, who: Reader, files: FilesDep, readings: Annotated[Readings, provided(Readings)]
) -> FileDetails:
    file = await files.get(who.id, file_id)
    return FileDetails.with_derived(file, await readings.all(file.content.object_key))


@router.patch("/{file_id}")
async def change(file_id: UUID, wanted: FileChange, who: Writer, files: FilesDep) -> FileOut:
    """Renames, moves, tags. 409 if there is a file at the new path already."""
    path = None if wanted.path is None else parse_path(wanted.path)
    if wanted.filename is not None and path is not None:
        raise InvalidPath("Give either a path or a filename")
    return FileOut.of(await files.change(who.id, file_id, Change(path, wanted.filename, wanted.tags, wanted.metadata)))


@router.delete("/{file_id}", status_code=204)
async def remove(file_id: UUID, who: Writer, files: FilesDep, permanent: bool = False) -> None:
    """To the trash, or with `permanent=true` for good, also out of the trash."""
    if permanent:
        await files.remove(who.id, file_id)
    else:
        await files.trash(who.id, file_id)
