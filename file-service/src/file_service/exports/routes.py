"""Downloads of lists."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from file_service.access import Reader
from file_service.downloads.stored_response import StoredResponse
from file_service.exports.service import Exports
from file_service.files.asking import Asked
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["files"])

_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Type": "text/csv; charset=utf-8; header=present",
    "Content-Disposition": 'attachment; filename="files.csv"',
    "X-Content-Type-Options": "nosniff",
}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A line for each file, in the columns of its JSON; `tags` and `metadata` are JSON themselves",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.get("/export/csv", response_class=Response, responses=_CSV)
async def export(
    who: Reader,
    exports: Annotated[Exports, provided(Exports)],
    search: Asked,
    formula_safe: Annotated[
        bool, Query(description="Texts that a spreadsheet could run as formulas begin with an apostrophe")
    ] = True,
) -> Response:
    """The whole list, under the same conditions and in the same orders as `GET /files`, as CSV (RFC 4180)."""
    return StoredResponse(exports.listing(who.id, search, formula_safe=formula_safe), 200, _HEADERS)
