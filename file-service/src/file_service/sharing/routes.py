"""Shares files with other accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from file_service.access import Reader, Writer
from file_service.sharing.schemas import NewShare, SharedFileOut, ShareOut
from file_service.sharing.service import Sharing
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/files", tags=["sharing"])

SharingDep = Annotated[Sharing, provided(Sharing)]


@router.get("/shared")
async def shared_with_me(
    who: Reader, sharing: SharingDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[SharedFileOut]:
    """What others have shared with the caller, newest share first."""
    rows = await sharing.with_account(who.id, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=SharedFileOut.of_shared, cursor=lambda shared: encode_cursor(str(shared.share.id)))


@router.post("/{file_id}/shares", status_code=201, responses={200: {"model": ShareOut}})
async def share(file_id: UUID, wanted: NewShare, who: Writer, sharing: SharingDep, response: Response) -> ShareOut:
    """201 for a new share; 200 where the account had one, which now has this permission."""
    share, is_new = await sharing.share(who.id, file_id, wanted.account_id, may_write=wanted.may_write)
    response.status_code = 201 if is_new else 200
    return ShareOut.of(share)


@router.get("/{file_id}/shares")
async def shares(
    file_id: UUID, who: Reader, sharing: SharingDep, limit: Limit = 50, cursor: Cursor = None
) -> Page[ShareOut]:
    """Newest first. For the owner only."""
    rows = await sharing.listed(who.id, file_id, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=ShareOut.of, cursor=lambda share: encode_cursor(str(share.id)))


@router.delete("/{file_id}/shares/{share_id}", status_code=204)
async def withdraw(file_id: UUID, share_id: UUID, who: Writer, sharing: SharingDep) -> None:
    """By the owner, or by the account that it was shared with."""
    await sharing.withdraw(who.id, file_id, share_id)
