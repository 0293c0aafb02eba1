"""SQL on passkeys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import passkeys
from auth_service.mfa.errors import InvalidPasskey


@dataclass(frozen=True, slots=True)
class Passkey:
    id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


def _passkey(row: RowMapping) -> Passkey:
    return Passkey(
        id=row["id"],
        account_id=row["account_id"],
        credential_id=row["credential_id"],
        public_key=row["public_key"],
        sign_count=row["sign_count"],
        name=row["name"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
    )


async def add(tx: AsyncConnection, passkey: Passkey) -> None:
    """Raises InvalidPasskey for a credential that is known already, whosever it is."""
    try:
        await tx.execute(
            insert(passkeys).values(
                id=passkey.id,
                account_id=passkey.account_id,
                credential_id=passkey.credential_id,
                public_key=passkey.public_key,
                sign_count=passkey.sign_count,
                name=passkey.name,
                created_at=passkey.created_at,
            )
        )
    except IntegrityError as error:
        raise InvalidPasskey("It is registered already") from error


async def of_account(tx: AsyncConnection, account_id: UUID) -> Sequence[Passkey]:
    """Oldest first."""
    query = select(passkeys).where(passkeys.c.account_id == account_id).order_by(passkeys.c.id)
    return [_passkey(row) for row in (await tx.execute(query)).mappings()]


async def by_credential(tx: AsyncConnection, credential_id: bytes) -> Passkey | None:
    query = select(passkeys).where(passkeys.c.credential_id == credential_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    return _passkey(row) if row else None


async def used(tx: AsyncConnection, passkey_id: UUID, sign_count: int, now: datetime) -> bool:
    """Whether the counter went forward, or both are zero: an authenticator that does not count (WebAuthn §6.1.1)."""
    statement = update(passkeys).where(
        passkeys.c.id == passkey_id,
        (passkeys.c.sign_count < sign_count) | ((passkeys.c.sign_count == 0) & (sign_count == 0)),
    )
    return (await tx.execute(statement.values(sign_count=sign_count, last_used_at=now))).rowcount == 1


async def remove(tx: AsyncConnection, account_id: UUID, passkey_id: UUID) -> bool:
    statement = delete(passkeys).where(passkeys.c.id == passkey_id, passkeys.c.account_id == account_id)
    return (await tx.execute(statement)).rowcount == 1


async def remove_all(tx: AsyncConnection, account_id: UUID) -> None:
    await tx.execute(delete(passkeys).where(passkeys.c.account_id == account_id))
