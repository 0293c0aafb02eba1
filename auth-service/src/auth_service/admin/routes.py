"""Administrators' view of all accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from auth_service.accounts.schemas import User
from auth_service.accounts.service import Accounts
from strongroom import Principal
from strongroom.web.bearer import scoped
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth/users", tags=["admin"])

AccountsDep = Annotated[Accounts, provided(Accounts)]
Admin = Annotated[Principal, scoped("admin")]


@router.get("")
async def users(_: Admin, accounts: AccountsDep, limit: Limit = 50, cursor: Cursor = None) -> Page[User]:
    rows = await accounts.listed(after=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(rows, limit, show=User.of, cursor=lambda account: encode_cursor(str(account.id)))


@router.delete("/{user_id}", status_code=204)
async def remove(user_id: UUID, _: Admin, accounts: AccountsDep) -> None:
    await accounts.remove(user_id)
