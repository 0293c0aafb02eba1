"""Uploads as bare bodies: `curl -T` and programs that have a file and no form."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Request, Response

from file_service.access import Writer
from file_service.conditions import Preconditions, entity_tags
from file_service.files.paths import parse_path, path_as_sent
from file_service.files.schemas import FileOut
from file_service.files.service import Files
from file_service.uploads.digests import parse_digests
from file_service.uploads.errors import EncodedContent, PartialContent
from file_service.uploads.intake import Incoming
from file_service.uploads.patience import Patience
from file_service.uploads.service import Uploads
from strongroom.web.any_path import register_any_path
from strongroom.web.parts import provided

register_any_path()
router = APIRouter(prefix="/files", tags=["uploads"])

PatienceDep = Annotated[Patience, provided(Patience)]
UploadsDep = Annotated[Uploads, provided(Uploads)]
FilesDep = Annotated[Files, provided(Files)]

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


# A list may come in several lines (RFC 9110 §5.3).
Lines = Annotated[list[str] | None, Header()]


async def _preconditions(if_match: Lines = None, if_none_match: Lines = None) -> Preconditions:
    return Preconditions(entity_tags(_joined(if_match)), entity_tags(_joined(if_none_match)))


def _joined(lines: list[str] | None) -> str | None:
    return None if lines is None else ", ".join(lines)


async def _body(
    request: Request,
    patience: PatienceDep,
    content_digest: Lines = None,
    repr_digest: Lines = None,
) -> Incoming:
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise EncodedContent
    if "content-range" in request.headers:
        raise PartialContent
    length = request.headers.get("content-length", "")
    return Incoming(
        path="",
        declared=request.headers.get("content-type"),
        chunks=patience.with_(request.stream()),
        size=int(length) if length.isdecimal() else None,
        digests=parse_digests(_joined(content_digest), _joined(repr_digest)),
    )


async def _raw_path(request: Request, _: Annotated[str, Path(alias="path", description="The full path")]) -> str:
    return parse_path(path_as_sent(request.scope["raw_path"], behind=2))


Body = Annotated[Incoming, Depends(_body)]
RawPath = Annotated[str, Depends(_raw_path)]
Expected = Annotated[Preconditions, Depends(_preconditions)]


@router.put("/raw/{path:any}", status_code=201, responses={200: {"model": FileOut}}, openapi_extra=_BODY)
async def put(
    path: RawPath, who: Writer, body: Body, expected: Expected, uploads: UploadsDep, response: Response
) -> FileOut:
    """201 for a new file, 200 for a new version of the one at this path. `If-None-Match: *` wants none to be there."""
    recorded = await uploads.raw(who, body.at(path), expected)
    response.status_code = 201 if recorded.is_new else 200
    response.headers["ETag"] = recorded.file.content.etag
    return FileOut.of(recorded.file)


@router.put("/content/{file_id}", openapi_extra=_BODY)
async def put_content(
    file_id: UUID,
    who: Writer,
    body: Body,
    expected: Expected,
    uploads: UploadsDep,
    files: FilesDep,
    response: Response,
) -> FileOut:
    """A new version of a file, also of somebody else's that was shared for writing."""
    known = await files.get(who.id, file_id)
    file = await uploads.version(who, known, body.at(known.path), expected)
    response.headers["ETag"] = file.content.etag
    return FileOut.of(file)
