"""SQL on authorization codes and consents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import accounts, authorization_codes, consents


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """What an app was allowed, waiting to be redeemed. `session_id` is what it was redeemed for."""

    client_id: UUID
    account_id: UUID
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    authenticated_at: datetime
    expires_at: datetime
    session_id: UUID | None = None
    roles: tuple[str, ...] = ()
    account_enabled: bool = True


async def add_code(tx: AsyncConnection, digest: bytes, code: AuthorizationCode) -> None:
    await tx.execute(
        insert(authorization_codes).values(
            digest=digest,
            client_id=code.client_id,
            account_id=code.account_id,
            redirect_uri=code.redirect_uri,
            scope=code.scope,
            nonce=code.nonce,
            code_challenge=code.code_challenge,
            authenticated_at=code.authenticated_at,
            expires_at=code.expires_at,
        )
    )


async def lock_code(tx: AsyncConnection, digest: bytes) -> AuthorizationCode | None:
    """Until the transaction ends nobody else redeems it: of two uses at once, the second sees what the first did."""
    query = (
        select(authorization_codes, accounts.c.roles, accounts.c.disabled_at)
        .join(accounts, accounts.c.id == authorization_codes.c.account_id)
        .where(authorization_codes.c.digest == digest)
        .with_for_update(of=authorization_codes)
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return AuthorizationCode(
        client_id=row["client_id"],
        account_id=row["account_id"],
        redirect_uri=row["redirect_uri"],
        scope=row["scope"],
        nonce=row["nonce"],
        code_challenge=row["code_challenge"],
        authenticated_at=row["authenticated_at"],
        expires_at=row["expires_at"],
        session_id=row["session_id"],
        roles=tuple(row["roles"]),
        account_enabled=row["disabled_at"] is None,
    )


async def hold_account_of_code(tx: AsyncConnection, digest: bytes) -> None:
    """Before the code itself is locked, in the order of whoever changes an account and voids its codes."""
    query = (
        select(accounts.c.id)
        .join(authorization_codes, authorization_codes.c.account_id == accounts.c.id)
        .where(authorization_codes.c.digest == digest)
    )
    await tx.execute(query.with_for_update(read=True, of=accounts))


async def redeemed(tx: AsyncConnection, digest: bytes, session_id: UUID) -> None:
    statement = update(authorization_codes).where(authorization_codes.c.digest == digest)
    await tx.execute(statement.values(session_id=session_id))


async def remove_code(tx: AsyncConnection, digest: bytes) -> None:
    await tx.execute(delete(authorization_codes).where(authorization_codes.c.digest == digest))


async def prune_codes(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(delete(authorization_codes).where(authorization_codes.c.expires_at < before))


async def consented(tx: AsyncConnection, account_id: UUID, client_id: UUID) -> frozenset[str]:
    query = select(consents.c.scopes).where(consents.c.account_id == account_id, consents.c.client_id == client_id)
    return frozenset((await tx.execute(query)).scalar_one_or_none() or ())


async def put_consent(
    tx: AsyncConnection, account_id: UUID, client_id: UUID, scopes: Sequence[str], now: datetime
) -> None:
    statement = upsert(consents).values(account_id=account_id, client_id=client_id, scopes=list(scopes), given_at=now)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "client_id"], set_={"scopes": list(scopes), "given_at": now}
        )
    )
