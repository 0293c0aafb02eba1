"""SQL on authenticator apps and recovery codes, and on which factors an account has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.accounts.errors import AccountChanged
from auth_service.database.tables import accounts, passkeys, recovery_codes, totp_secrets


@dataclass(frozen=True, slots=True)
class TotpSecret:
    sealed_secret: bytes
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """Recovery codes only stand in for another factor; alone they are none."""

    totp: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        return self.totp or self.passkeys > 0


async def lock_account(tx: AsyncConnection, account_id: UUID) -> str | None:
    """Its password's hash, if it is there and enabled. Until the transaction ends its factors are nobody else's.

    Taken before anything else here is locked, as when an account is deleted: so nobody waits in a circle.
    """
    enabled = (accounts.c.id == account_id, accounts.c.disabled_at.is_(None))
    query = select(accounts.c.password_hash).where(*enabled).with_for_update(key_share=True)
    password_hash: str | None = (await tx.execute(query)).scalar_one_or_none()
    return password_hash


async def address(tx: AsyncConnection, account_id: UUID) -> str | None:
    """Where mail reaches the owner; None if the account is gone."""
    found: str | None = (await tx.execute(select(accounts.c.email).where(accounts.c.id == account_id))).scalar()
    return found


async def lock_confirmed(tx: AsyncConnection, account_id: UUID, password_hash: str) -> None:
    """As `lock_account`, after the password was confirmed. Raises AccountChanged if that is not so any more."""
    if await lock_account(tx, account_id) != password_hash:
        raise AccountChanged


async def factors(tx: AsyncConnection, account_id: UUID) -> Factors:
    """What the account has, in one round trip."""
    has_totp = select(func.count()).where(
        totp_secrets.c.account_id == account_id, totp_secrets.c.confirmed_at.is_not(None)
    )
    has_passkeys = select(func.count()).where(passkeys.c.account_id == account_id)
    has_codes = select(func.count()).where(recovery_codes.c.account_id == account_id)
    row = (
        await tx.execute(
            select(has_totp.scalar_subquery(), has_passkeys.scalar_subquery(), has_codes.scalar_subquery())
        )
    ).one()
    return Factors(bool(row[0]), int(row[1]), int(row[2]))


async def put_unconfirmed(tx: AsyncConnection, account_id: UUID, sealed_secret: bytes) -> bool:
    """Whether there was none that is confirmed."""
    statement = upsert(totp_secrets).values(account_id=account_id, sealed_secret=sealed_secret, last_step=0)
    statement = statement.on_conflict_do_update(
        index_elements=["account_id"],
        set_={"sealed_secret": sealed_secret, "last_step": 0},
        where=totp_secrets.c.confirmed_at.is_(None),
    )
    return (await tx.execute(statement)).rowcount == 1


async def totp(tx: AsyncConnection, account_id: UUID) -> TotpSecret | None:
    query = select(totp_secrets.c.sealed_secret, totp_secrets.c.confirmed_at)
    row = (await tx.execute(query.where(totp_secrets.c.account_id == account_id))).one_or_none()
    return TotpSecret(row.sealed_secret, row.confirmed_at is not None) if row else None


async def use_step(tx: AsyncConnection, account_id: UUID, step: int) -> bool:
    """Whether the step was still unused: of any number of uses at once, exactly one gets it."""
    statement = update(totp_secrets).where(totp_secrets.c.account_id == account_id, totp_secrets.c.last_step < step)
    return (await tx.execute(statement.values(last_step=step))).rowcount == 1


async def confirm_totp(tx: AsyncConnection, account_id: UUID, now: datetime) -> None:
    await tx.execute(update(totp_secrets).where(totp_secrets.c.account_id == account_id).values(confirmed_at=now))


async def remove_totp(tx: AsyncConnection, account_id: UUID) -> bool:
    return (await tx.execute(delete(totp_secrets).where(totp_secrets.c.account_id == account_id))).rowcount == 1


async def replace_recovery_codes(tx: AsyncConnection, account_id: UUID, digests: Iterable[bytes]) -> None:
    await tx.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    rows = [{"account_id": account_id, "digest": digest} for digest in digests]
    if rows:
        await tx.execute(insert(recovery_codes), rows)


async def use_recovery_code(tx: AsyncConnection, account_id: UUID, digest: bytes) -> bool:
    """Whether there was such a code: of any number of uses at once, exactly one gets it."""
    statement = delete(recovery_codes).where(
        recovery_codes.c.account_id == account_id, recovery_codes.c.digest == digest
    )
    return (await tx.execute(statement)).rowcount == 1
