"""Registration."""

from typing import Annotated

from fastapi import APIRouter

from auth_service.accounts.schemas import Registration, User
from auth_service.accounts.service import Accounts
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth", tags=["accounts"])

AccountsDep = Annotated[Accounts, provided(Accounts)]


@router.post("/register", status_code=201)
async def register(wanted: Registration, accounts: AccountsDep) -> User:
    return User.of(await accounts.register(wanted.email, wanted.password.get_secret_value(), wanted.name))
