"""Owners' share links."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from file_service.access import Reader, Writer
from file_service.files.paths import parse_folder
from file_service.links.schemas import FolderLinkTerms, LinkOut, LinkTerms, NewLinkOut
from file_service.links.service import Links
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided
from strongroom.web.public_address import OurAddress

router = APIRouter(prefix="/files", tags=["links"])

LinksDep = Annotated[Links, provided(Links)]


@router.post("/links", status_code=201)
async def link_folder(wanted: FolderLinkTerms, who: Writer, links: LinksDep, our_address: OurAddress) -> NewLinkOut:
    """Whoever has it downloads a zip archive of what is in the folder at that moment."""
    made = await links.to_folder(who.id, parse_folder(wanted.folder), wanted.terms())
    return NewLinkOut.of_new(made, our_address)


@router.get("/links")
async def listing(who: Reader, links: LinksDep, limit: Limit = 50, cursor: Cursor = None) -> Page[LinkOut]:
    """Newest first."""
    rows = await links.listed(who.id, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=LinkOut.of, cursor=lambda link: encode_cursor(str(link.id)))


@router.delete("/links/{link_id}", status_code=204)
async def revoke(link_id: UUID, who: Writer, links: LinksDep) -> None:
    """It works no more from this moment on."""
    await links.revoke(who.id, link_id)


@router.post("/{file_id}/links", status_code=201)
async def link_file(
    file_id: UUID, who: Writer, links: LinksDep, our_address: OurAddress, wanted: LinkTerms | None = None
) -> NewLinkOut:
    """Whoever has it downloads the file as it is at that moment."""
    made = await links.to_file(who.id, file_id, (wanted or LinkTerms()).terms())
    return NewLinkOut.of_new(made, our_address)
