"""Copies files."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from file_service.access import Writer
from file_service.copies.service import Copies
from file_service.files.paths import parse_path
from file_service.files.schemas import FileOut
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["files"])

CopiesDep = Annotated[Copies, provided(Copies)]


class CopyRequest(BaseModel):
    path: str = Field(max_length=1024, description="The full path of the copy")


@router.post("/{file_id}/copy", status_code=201)
async def copy(file_id: UUID, wanted: CopyRequest, who: Writer, copies: CopiesDep) -> FileOut:
    """Of the current version, made inside the store. 409 if there is a file at the path already."""
    return FileOut.of(await copies.copy(who.id, file_id, parse_path(wanted.path)))
