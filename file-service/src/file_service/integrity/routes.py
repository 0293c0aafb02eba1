"""Shows administrators which stored bytes are damaged or missing."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Admin
from file_service.integrity.repository import Faulty
from file_service.integrity.schemas import FaultyVersion, IntegrityOut
from file_service.integrity.service import Integrity
from strongroom.web.pages import Cursor, InvalidCursor, Limit, decode_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/integrity", tags=["integrity"])

IntegrityDep = Annotated[Integrity, provided(Integrity)]

_HIGHEST = 2**31


@router.get("")
async def integrity(_: Admin, integrity: IntegrityDep, limit: Limit = 50, cursor: Cursor = None) -> IntegrityOut:
    """Administrators only. The versions that are not what they were, by their files' ids."""
    rows = await integrity.faulty(after=_place(cursor), limit=limit + 1)
    shown = page(rows, limit, show=FaultyVersion.of, cursor=_cursor)
    return IntegrityOut.with_findings(await integrity.findings(), shown)


def _cursor(faulty: Faulty) -> str:
    return encode_cursor(str(faulty.version.file_id), str(faulty.version.number))


def _place(cursor: str | None) -> tuple[UUID, int] | None:
    if cursor is None:
        return None
    file_id, number = decode_cursor(cursor, length=2)
    if not (number.isascii() and number.isdecimal() and int(number) < _HIGHEST):
        raise InvalidCursor
    try:
        return UUID(file_id), int(number)
    except ValueError as error:
        raise InvalidCursor from error
