"""The rows of tables."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from file_service.access import Reader
from file_service.downloads.schemas import Number
from file_service.downloads.stored_response import StoredResponse
from file_service.negotiation import acceptable
from file_service.rows.schemas import RowsOut
from file_service.rows.selection import Format
from file_service.rows.service import Question, Rows
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["contents"])

_FORMATS: dict[str, tuple[Format, str]] = {
    "application/json": ("json", "application/json"),
    "text/csv": ("csv", "text/csv; charset=utf-8; header=present"),
    "application/x-ndjson": ("ndjson", "application/x-ndjson"),
}
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
}
_DEFAULT_PAGE = 100
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {"schema": {"type": "string"}} for kind in ("text/csv", "application/x-ndjson")},
        "description": "`row_count` is how many rows meet `where`",
    }
}
Text = Annotated[str | None, Query(max_length=16_384)]


@router.get("/{file_id}/rows", response_model=RowsOut, responses=_RESPONSES)
async def rows(
    file_id: UUID,
    who: Reader,
    service: Annotated[Rows, provided(Rows)],
    offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int | None, Query(ge=0, le=10_000, description="100 in JSON; all in the other formats")] = None,
    columns: Annotated[Text, Query(description='Names with commas between; `"a,b"` for one with a comma')] = None,
    where: Annotated[Text, Query(description="`amount >= 10 and (city = 'Ulm' or not note contains 'x')`")] = None,
    order_by: Annotated[Text, Query(description="Names with commas between; `-name` for descending")] = None,
    sheet: Annotated[int, Query(ge=1, le=1000, description="Of a workbook")] = 1,
    version: Number = None,
    formula_safe: Annotated[
        bool, Query(description="In CSV, texts that a spreadsheet could run as formulas begin with an apostrophe")
    ] = False,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Rows of a CSV file or of a workbook's sheet, as JSON, CSV (RFC 4180) or a JSON object a line, by `Accept`.

    409 `not-derived-yet` until a file over 4 MiB was read, 422 `unreadable-file` with a `reason` where it cannot be.
    """
    form, content_type = _FORMATS[acceptable(accept, tuple(_FORMATS))[0]]
    if limit is None and form == "json":
        limit = _DEFAULT_PAGE
    asked = Question(offset, limit, columns, where, order_by, sheet)
    opening = await service.answer(who.id, file_id, version, asked, form, formula_safe=formula_safe)
    return StoredResponse(opening, 200, {**_HEADERS, "Content-Type": content_type})
