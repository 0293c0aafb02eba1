"""Lists the folders in a folder, moves and removes whole ones."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from file_service.access import Reader, Writer
from file_service.files.paths import parse_folder, path_as_sent
from file_service.folders.cursors import cursor_at, name_at
from file_service.folders.schemas import FolderMove, FolderOut, FolderOutcome
from file_service.folders.service import Folders
from strongroom.web.any_path import register_any_path
from strongroom.web.pages import Cursor, Limit, Page, page
from strongroom.web.parts import provided

register_any_path()
router = APIRouter(prefix="/files/folders", tags=["folders"])

FoldersDep = Annotated[Folders, provided(Folders)]


async def _folder(
    request: Request, _: Annotated[str, Path(alias="path", description="The full path in the owner's tree")]
) -> str:
    return parse_folder(path_as_sent(request.scope["raw_path"], behind=2))


FolderPrefix = Annotated[
    str,
    Query(
        max_length=1025,
        pattern=r"^[^\x00]*$",
        description="The folder, with or without a slash at its end; left out, the top",
        examples=["reports/"],
    ),
]
FolderPath = Annotated[str, Depends(_folder)]


@router.get("")
async def listing(
    who: Reader, folders: FoldersDep, prefix: FolderPrefix = "", limit: Limit = 50, cursor: Cursor = None
) -> Page[FolderOut]:
    """The folders that are directly in a folder, in the order of their paths. A folder is there while a file is."""
    folder = prefix and parse_folder(prefix)
    names = await folders.children(who.id, folder, after=name_at(cursor), limit=limit + 1)
    return page(names, limit, show=lambda name: FolderOut.of(folder, name), cursor=cursor_at)


@router.post("/move")
async def move(wanted: FolderMove, who: Writer, folders: FoldersDep) -> FolderOutcome:
    """In one transaction, however many files. 409 if one of the new paths is taken."""
    source, destination = parse_folder(wanted.source), parse_folder(wanted.destination)
    return FolderOutcome(file_count=await folders.move(who.id, source, destination))


@router.delete("/{path:any}")
async def remove(path: FolderPath, who: Writer, folders: FoldersDep, permanent: bool = False) -> FolderOutcome:
    """To the trash, or with `permanent=true` for good; in one transaction, however many files."""
    count = await (folders.remove if permanent else folders.trash)(who.id, path)
    return FolderOutcome(file_count=count)
