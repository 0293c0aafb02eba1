"""Uploads of tables."""

from typing import Annotated

from fastapi import APIRouter

from file_service.access import Writer
from file_service.rows.csv_uploads import CsvUploads
from file_service.rows.schemas import TableOut
from file_service.uploads.routes import ONE_FILE, FormDep, Length, documented
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/upload", tags=["uploads"])

_SCHEMA = {"type": "string", "description": "A Table Schema (Frictionless) as JSON, to judge the rows by"}


@router.post("/csv", status_code=201, openapi_extra=documented({**ONE_FILE, "schema": _SCHEMA}, "file"))
async def upload_csv(
    who: Writer, form: FormDep, declared: Length, uploads: Annotated[CsvUploads, provided(CsvUploads)]
) -> TableOut:
    """A CSV file in any usual encoding and dialect. 422 `unreadable-file` for what is none; then nothing is stored."""
    return await uploads.take(who, form, declared)
