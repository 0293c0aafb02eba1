"""Direct transfers: addresses of the store that are good for one part or one file, and what is done around them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from file_service.access import Reader, Writer
from file_service.direct.downloads import DirectDownloads
from file_service.direct.schemas import (
    DirectCompletion,
    DirectCreation,
    DirectDownloadOut,
    DirectUploadOut,
    PartNumber,
    PartsOut,
)
from file_service.direct.service import DirectUploads
from file_service.direct.signing import Signing
from file_service.downloads.schemas import Disposition, Number
from file_service.files.paths import parse_path
from file_service.files.schemas import FileOut
from file_service.files.service import Files
from file_service.uploads.content_types import declared_type
from strongroom.web.parts import provided


async def _on(signing: Annotated[Signing, provided(Signing)]) -> None:
    """404 `direct-transfers-off` where no address of the store is published, for everybody and everything."""
    signing.require()


async def _not_stored(response: Response) -> None:
    """Whoever knows a signed address needs nothing else."""
    response.headers["Cache-Control"] = "no-store"


router = APIRouter(prefix="/files", tags=["direct transfers"], dependencies=[Depends(_on), Depends(_not_stored)])

UploadsDep = Annotated[DirectUploads, provided(DirectUploads)]
DownloadsDep = Annotated[DirectDownloads, provided(DirectDownloads)]
FilesDep = Annotated[Files, provided(Files)]


@router.post("/direct", status_code=201)
async def create(wanted: DirectCreation, who: Writer, uploads: UploadsDep) -> DirectUploadOut:
    """Announces a file whose bytes go to the store itself, in parts, as many at once as the client likes.

    404 where the deployment does not publish the address of its store.
    """
    declared = declared_type(wanted.content_type)
    return DirectUploadOut.of(await uploads.create(who, parse_path(wanted.path), wanted.size, declared))


@router.get("/direct/{transfer_id}")
async def show(transfer_id: UUID, who: Writer, uploads: UploadsDep) -> DirectUploadOut:
    return DirectUploadOut.of(await uploads.show(who, transfer_id))


@router.get("/direct/{transfer_id}/parts")
async def parts(
    transfer_id: UUID,
    who: Writer,
    uploads: UploadsDep,
    first: Annotated[PartNumber, Query(description="The number of the first part wanted")] = 1,
    count: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> PartsOut:
    """Where to PUT the parts to, and which of them have come. Keep the `ETag` of each answer."""
    return PartsOut.of(await uploads.parts(who, transfer_id, first, count))


@router.post("/direct/{transfer_id}/complete", status_code=201)
async def complete(
    transfer_id: UUID, wanted: DirectCompletion, who: Writer, uploads: UploadsDep, files: FilesDep
) -> FileOut:
    """Makes a file of the parts, or a new version of the one at its path. Once more, it answers the same file.

    The bytes are read once to know their type and SHA-256, so this takes as long as that does.
    """
    sha256 = None if wanted.sha256 is None else bytes.fromhex(wanted.sha256)
    file_id = await uploads.complete(who, transfer_id, wanted.named(), sha256)
    return FileOut.of(await files.get(who.id, file_id))


@router.delete("/direct/{transfer_id}", status_code=204)
async def terminate(transfer_id: UUID, who: Writer, uploads: UploadsDep) -> None:
    """Ends it and frees what has come. A file that it has become stays."""
    await uploads.terminate(who, transfer_id)


@router.get("/{file_id}/direct")
async def download(
    file_id: UUID,
    who: Reader,
    downloads: DownloadsDep,
    version: Number = None,
    disposition: Disposition = "attachment",
) -> DirectDownloadOut:
    """Where to GET the file's bytes from, under its name and type. 404 as for an upload where there is none."""
    return DirectDownloadOut.of(await downloads.address(who.id, file_id, version, inline=disposition == "inline"))
