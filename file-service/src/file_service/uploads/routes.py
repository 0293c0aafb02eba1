"""Uploads as forms."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from file_service.access import Writer
from file_service.files.schemas import FileOut
from file_service.uploads.form import MultipartForm
from file_service.uploads.patience import Patience
from file_service.uploads.schemas import UploadedFiles
from file_service.uploads.service import Uploads
from strongroom.web.parts import provided

router = APIRouter(prefix="/files/upload", tags=["uploads"])

PatienceDep = Annotated[Patience, provided(Patience)]


async def _form(request: Request, patience: PatienceDep) -> MultipartForm:
    """FastAPI's own `UploadFile` would spool the whole body to disk before the route runs; this reads nothing yet."""
    return MultipartForm(request.headers.get("content-type", ""), patience.with_(request.stream()))


async def _declared_length(request: Request) -> int | None:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else None


UploadsDep = Annotated[Uploads, provided(Uploads)]
FormDep = Annotated[MultipartForm, Depends(_form)]
Length = Annotated[int | None, Depends(_declared_length)]


def documented(properties: dict[str, Any], required: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": [required]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


_FILE = {"type": "string", "format": "binary"}
ONE_FILE = {"file": _FILE, "path": {"type": "string", "description": "The full path; absent, it is the file's name"}}
_SEVERAL = {"files": {"type": "array", "items": _FILE}}


@router.post("", status_code=201, openapi_extra=documented(ONE_FILE, "file"))
async def upload(who: Writer, form: FormDep, declared: Length, uploads: UploadsDep) -> FileOut:
    """A file, or a new version of the one at this path."""
    return FileOut.of(await uploads.one(who, form, declared))


@router.post("/multiple", status_code=201, openapi_extra=documented(_SEVERAL, "files"))
async def upload_several(who: Writer, form: FormDep, uploads: UploadsDep) -> UploadedFiles:
    """All of them or none."""
    files = await uploads.several(who, form)
    return UploadedFiles(file_count=len(files), files=[FileOut.of(file) for file in files])
