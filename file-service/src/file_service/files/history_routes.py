"""Shows the versions of a file, goes back to one, and brings files back out of the trash."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Reader, Writer
from file_service.files.errors import InvalidPath
from file_service.files.history import History
from file_service.files.paths import parse_path
from file_service.files.schemas import FileOut, Restoration, VersionOut
from file_service.files.service import Files
from strongroom.web.pages import Cursor, InvalidCursor, Limit, Page, decode_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["versions"])

FilesDep = Annotated[Files, provided(Files)]
HistoryDep = Annotated[History, provided(History)]

_HIGHEST = 2**31


@router.get("/{file_id}/versions")
async def versions(
    file_id: UUID, who: Reader, history: HistoryDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[VersionOut]:
    """Newest first."""
    rows = await history.listed(who.id, file_id, before=_number(cursor), limit=limit + 1)
    return page(rows, limit, show=VersionOut.of, cursor=lambda version: encode_cursor(str(version.number)))


@router.post("/{file_id}/restore")
async def restore(
    file_id: UUID, who: Writer, files: FilesDep, history: HistoryDep, wanted: Restoration | None = None
) -> FileOut:
    """Out of the trash, or back to an earlier version, which becomes the newest one. 409 if the path is taken."""
    wanted = wanted or Restoration()
    if wanted.version is None:
        path = None if wanted.path is None else parse_path(wanted.path)
        return FileOut.of(await files.recover(who.id, file_id, path))
    if wanted.path is not None:
        raise InvalidPath("A version is restored where the file is")
    return FileOut.of(await history.restore(who.id, file_id, wanted.version))


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (number,) = decode_cursor(cursor, length=1)
    if not (number.isascii() and number.isdecimal() and int(number) < _HIGHEST):
        raise InvalidCursor
    return int(number)
