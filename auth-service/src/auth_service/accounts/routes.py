"""Registration and the signed-in person's own profile."""

from typing import Annotated

from fastapi import APIRouter

from auth_service.accounts.schemas import Registration, User
from auth_service.accounts.service import Accounts
from strongroom import Principal
from strongroom.web.bearer import scoped
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth", tags=["accounts"])

AccountsDep = Annotated[Accounts, provided(Accounts)]
SignedIn = Annotated[Principal, scoped()]


@router.post("/register", status_code=201)
async def register(wanted: Registration, accounts: AccountsDep) -> User:
    return User.of(await accounts.register(wanted.email, wanted.password.get_secret_value(), wanted.name))


@router.get("/profile")
async def profile(who: SignedIn, accounts: AccountsDep) -> User:
    return User.of(await accounts.current(who.subject))
