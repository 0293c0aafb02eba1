"""Administrators see and change other people's accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from auth_service.access import Admin, Administrator
from auth_service.accounts.repository import Search
from auth_service.accounts.service import Accounts
from auth_service.admin.schemas import AuditEventOut, ManagedUser, RoleNames, UserChange
from auth_service.audit.service import AuditTrail
from auth_service.mfa.service import SecondFactors
from auth_service.sessions.schemas import SessionOut
from auth_service.sessions.service import Sessions
from strongroom.web.pages import Cursor, Limit, Page, decode_uuid_cursor, encode_cursor, page
from strongroom.web.parts import provided

router = APIRouter(prefix="/auth", tags=["admin"])

AccountsDep = Annotated[Accounts, provided(Accounts)]
SessionsDep = Annotated[Sessions, provided(Sessions)]
SecondFactorsDep = Annotated[SecondFactors, provided(SecondFactors)]
AuditDep = Annotated[AuditTrail, provided(AuditTrail)]
# PostgreSQL's text takes no NUL.
Text = Annotated[str | None, Query(max_length=320, pattern=r"^[^\x00]*$")]


@router.get("/users")
async def users(
    _: Admin,
    accounts: AccountsDep,
    q: Text = None,
    role: Text = None,
    disabled: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ManagedUser]:
    """Oldest first; `q` is how the email address begins."""
    after = decode_uuid_cursor(cursor)
    rows = await accounts.found(Search(q, role, disabled), after=after, limit=limit + 1)
    return page(rows, limit, show=ManagedUser.of, cursor=lambda account: encode_cursor(str(account.id)))


@router.get("/users/{user_id}")
async def user(user_id: UUID, _: Admin, accounts: AccountsDep) -> ManagedUser:
    return ManagedUser.of(await accounts.get(user_id))


@router.patch("/users/{user_id}")
async def change(user_id: UUID, wanted: UserChange, admin: Admin, accounts: AccountsDep) -> ManagedUser:
    """A disabled account is signed out everywhere, and let in nowhere."""
    if wanted.disabled is not None:
        await (accounts.disable if wanted.disabled else accounts.enable)(user_id, admin)
    if "name" in wanted.model_fields_set:
        await accounts.get(user_id)
        await accounts.rename(user_id, wanted.name)
    return ManagedUser.of(await accounts.get(user_id))


@router.delete("/users/{user_id}", status_code=204)
async def remove(user_id: UUID, admin: Admin, accounts: AccountsDep) -> None:
    await accounts.remove(user_id, admin)


@router.put("/users/{user_id}/roles")
async def set_roles(user_id: UUID, wanted: RoleNames, admin: Admin, accounts: AccountsDep) -> ManagedUser:
    """What the account may do from its next token on; those it has are refused."""
    await accounts.set_roles(user_id, wanted.roles, admin)
    return ManagedUser.of(await accounts.get(user_id))


@router.get("/users/{user_id}/sessions")
async def open_sessions(
    user_id: UUID,
    admin: Administrator,
    accounts: AccountsDep,
    sessions: SessionsDep,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SessionOut]:
    """Where the account is signed in; newest first."""
    await accounts.get(user_id)
    rows = await sessions.page(user_id, before=decode_uuid_cursor(cursor), limit=limit + 1)
    return page(
        rows,
        limit,
        show=lambda one: SessionOut.of(one, current=admin.session_id),
        cursor=lambda one: encode_cursor(str(one.id)),
    )


@router.delete("/users/{user_id}/sessions", status_code=204)
async def end_sessions(user_id: UUID, admin: Admin, accounts: AccountsDep, sessions: SessionsDep) -> None:
    """Signs the account out everywhere."""
    await accounts.get(user_id)
    await sessions.end_all(user_id, actor=admin)


@router.delete("/users/{user_id}/mfa", status_code=204)
async def reset_factors(user_id: UUID, admin: Admin, accounts: AccountsDep, factors: SecondFactorsDep) -> None:
    """For somebody who lost them all: a password is enough again."""
    await accounts.get(user_id)
    await factors.reset(user_id, admin)


@router.get("/audit")
async def audit(
    _: Admin,
    trail: AuditDep,
    event: Text = None,
    account_id: UUID | None = None,
    actor_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AuditEventOut]:
    """Who did what, when, from where; newest first."""
    before = decode_uuid_cursor(cursor)
    rows = await trail.listed(before=before, limit=limit + 1, event=event, account_id=account_id, actor_id=actor_id)
    return page(rows, limit, show=AuditEventOut.of, cursor=lambda one: encode_cursor(str(one.id)))
