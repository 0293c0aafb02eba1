"""tus 1.0 over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from file_service.access import Writer
from file_service.resumable import schemas
from file_service.resumable.bodies import body_of
from file_service.resumable.checksums import ALGORITHMS, parse_checksum
from file_service.resumable.creation import Creation
from file_service.resumable.errors import NotAnOffsetStream, UploadNotFound, VersionNotSupported
from file_service.resumable.protocol import EXTENSIONS, PATH, VERSION
from file_service.resumable.service import Chunk, ResumableUploads
from strongroom.web.parts import provided
from strongroom.web.public_address import OurAddress, PublicAddress

_MEDIA_TYPE = "application/offset+octet-stream"


def _documented(*headers: str, body: bool = False) -> dict[str, Any]:
    """For OpenAPI: headers are read by `schemas`, which wants to know if one is there twice."""
    told: dict[str, Any] = {
        "parameters": [{"in": "header", "name": name, "schema": {"type": "string"}} for name in headers]
    }
    if body:
        told["requestBody"] = {"content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    return told


async def _spoken(request: Request, tus_resumable: Annotated[str | None, Header(description=VERSION)] = None) -> None:
    if request.method != "OPTIONS" and tus_resumable != VERSION:
        raise VersionNotSupported(headers={"Tus-Version": VERSION})


router = APIRouter(prefix=PATH, tags=["resumable uploads"], dependencies=[Depends(_spoken)])

_UPLOAD_ID = {"name": "upload_id", "in": "path", "required": True, "schema": {"type": "string"}}

PublicAddressDep = Annotated[PublicAddress, provided(PublicAddress)]
UploadsDep = Annotated[ResumableUploads, provided(ResumableUploads)]


async def _upload_id(upload_id: str) -> UUID:
    try:
        return UUID(upload_id)
    except ValueError as error:
        raise UploadNotFound from error


async def _creation(request: Request, ours: PublicAddressDep) -> Creation:
    # A partial upload may have been made by another way in than the one that this request takes.
    return schemas.creation(request.headers, {ours.configured, ours.of(request.scope)})


async def _first_chunk(request: Request) -> Chunk | None:
    has_body = "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"
    return _chunk(request) if has_body else None


async def _next_chunk(request: Request) -> Chunk:
    offset, length = schemas.offset(request.headers), schemas.number(request.headers, "Upload-Length")
    return _chunk(request, offset=offset, length=length)


def _chunk(request: Request, *, offset: int = 0, length: int | None = None) -> Chunk:
    if request.headers.get("content-type", "").strip().lower() != _MEDIA_TYPE:
        raise NotAnOffsetStream
    size = schemas.number(request.headers, "Content-Length")
    checksum = parse_checksum(schemas.sole(request.headers, "Upload-Checksum"))
    return Chunk(body_of(request), size, offset, length, checksum)


UploadId = Annotated[UUID, Depends(_upload_id)]
Wanted = Annotated[Creation, Depends(_creation)]
FirstChunk = Annotated[Chunk | None, Depends(_first_chunk)]
NextChunk = Annotated[Chunk, Depends(_next_chunk)]


@router.options("", status_code=204, response_class=Response)
@router.options("/{upload_id}", status_code=204, response_class=Response, openapi_extra={"parameters": [_UPLOAD_ID]})
async def capabilities(uploads: UploadsDep) -> Response:
    return Response(
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": ",".join(EXTENSIONS),
            "Tus-Max-Size": str(uploads.largest),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post(
    "",
    status_code=201,
    response_class=Response,
    openapi_extra=_documented(
        "Upload-Length", "Upload-Defer-Length", "Upload-Metadata", "Upload-Concat", "Upload-Checksum", body=True
    ),
)
async def create(
    who: Writer, wanted: Wanted, chunk: FirstChunk, uploads: UploadsDep, our_address: OurAddress
) -> Response:
    """Where to send the bytes is in `Location`. The first of them may come along."""
    upload = await uploads.create(who, wanted, chunk)
    address = schemas.location(upload, our_address)
    return Response(status_code=201, headers={"Location": address, **schemas.progress(upload)})


@router.head("/{upload_id}", response_class=Response)
async def show(upload_id: UploadId, who: Writer, uploads: UploadsDep) -> Response:
    """How far it has got."""
    return Response(headers=schemas.description(await uploads.show(who, upload_id)))


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    openapi_extra=_documented("Upload-Offset", "Upload-Length", "Upload-Checksum", body=True),
)
async def append(upload_id: UploadId, who: Writer, chunk: NextChunk, uploads: UploadsDep) -> Response:
    """More bytes, from where it has got to. With the last of them it becomes a file: `Strongroom-File` is its id."""
    return Response(status_code=204, headers=schemas.progress(await uploads.append(who, upload_id, chunk)))


@router.delete("/{upload_id}", status_code=204, response_class=Response)
async def terminate(upload_id: UploadId, who: Writer, uploads: UploadsDep) -> Response:
    """Ends it and frees what it has. A file that it has become stays."""
    await uploads.terminate(who, upload_id)
    return Response(status_code=204)
