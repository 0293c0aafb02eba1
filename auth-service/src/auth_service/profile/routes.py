"""The signed-in person's own account: the protected route."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from auth_service.access import Anyone, Person
from auth_service.accounts.schemas import User
from auth_service.accounts.service import Accounts
from auth_service.profile.schemas import PasswordChange, ProfileChange
from auth_service.recovery.email_change import EmailChange
from auth_service.sessions.console import signed_out
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth/profile", tags=["accounts"])

AccountsDep = Annotated[Accounts, provided(Accounts)]
EmailChangeDep = Annotated[EmailChange, provided(EmailChange)]


@router.get("")
async def profile(who: Anyone, accounts: AccountsDep) -> User:
    return User.of(await accounts.current(who.account_id))


@router.patch("")
async def change(wanted: ProfileChange, who: Person, accounts: AccountsDep, email_change: EmailChangeDep) -> User:
    """A new email address takes the current password, and counts once the link that is sent there is followed."""
    if wanted.email is not None:
        password = wanted.current_password.get_secret_value() if wanted.current_password else ""
        await email_change.ask(who.account_id, wanted.email, password)
    if "name" in wanted.model_fields_set:
        await accounts.rename(who.account_id, wanted.name)
    return User.of(await accounts.current(who.account_id))


@router.delete("", status_code=204)
async def remove(who: Person, accounts: AccountsDep, request: Request, response: Response) -> None:
    """The account with all that is known of the person; their files follow."""
    await accounts.remove(who.account_id)
    signed_out(request, response, who)


@router.post("/password", status_code=204)
async def change_password(wanted: PasswordChange, who: Person, accounts: AccountsDep) -> None:
    """Ends every other session."""
    await accounts.change_password(
        who.account_id,
        wanted.current_password.get_secret_value(),
        wanted.new_password.get_secret_value(),
        session_id=UUID(who.session_id),
    )
