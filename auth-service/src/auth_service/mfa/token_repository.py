"""SQL on what connects two steps: a password with its second factor, a passkey's challenge with the answer to it."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import one_time_tokens

MFA = "mfa"
PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class SignInStep:
    """A password was right; the second factor is awaited. `data` is for whoever began it."""

    account_id: UUID
    data: dict[str, str]
    tries: int = 0
    challenge: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """Awaits a passkey's answer: of the account that adds one, or of whoever signs in with one."""

    account_id: UUID | None
    data: dict[str, str] = field(default_factory=dict)


def digest(token: bytes) -> bytes:
    # A plain hash is enough: there is nothing to guess in 256 random bits.
    return sha256(token).digest()


async def add_step(tx: AsyncConnection, token: bytes, step: SignInStep, now: datetime, expires_at: datetime) -> None:
    await _add(tx, MFA, token, step.account_id, _stored(step), now, expires_at)


async def add_challenge(
    tx: AsyncConnection, token: bytes, challenge: Challenge, now: datetime, expires_at: datetime
) -> None:
    await _add(tx, PASSKEY, token, challenge.account_id, challenge.data, now, expires_at)


async def _add(
    tx: AsyncConnection,
    purpose: str,
    token: bytes,
    account_id: UUID | None,
    data: dict[str, object] | dict[str, str],
    now: datetime,
    expires_at: datetime,
) -> None:
    row = {"digest": digest(token), "purpose": purpose, "account_id": account_id, "data": data}
    await tx.execute(insert(one_time_tokens).values(**row, created_at=now, expires_at=expires_at))


async def step(tx: AsyncConnection, token: bytes, now: datetime) -> SignInStep | None:
    return await _step(tx, _pending(token, now))


async def lock_step(tx: AsyncConnection, token: bytes, now: datetime) -> SignInStep | None:
    """Until the transaction ends nobody else redeems it."""
    return await _step(tx, _pending(token, now).with_for_update())


async def _step(tx: AsyncConnection, query: Select[tuple[UUID, dict[str, object]]]) -> SignInStep | None:
    row = (await tx.execute(query)).one_or_none()
    return SignInStep(row.account_id, **row.data) if row else None


def _pending(token: bytes, now: datetime) -> Select[tuple[UUID, dict[str, object]]]:
    query = select(one_time_tokens.c.account_id, one_time_tokens.c.data)
    return query.where(
        one_time_tokens.c.digest == digest(token), one_time_tokens.c.purpose == MFA, one_time_tokens.c.expires_at > now
    )


async def store_step(tx: AsyncConnection, token: bytes, step: SignInStep) -> None:
    statement = update(one_time_tokens).where(one_time_tokens.c.digest == digest(token))
    await tx.execute(statement.values(data=_stored(step)))


def _stored(step: SignInStep) -> dict[str, object]:
    return {"data": step.data, "tries": step.tries, "challenge": step.challenge}


async def consume_challenge(
    tx: AsyncConnection, token: bytes, account_id: UUID | None, now: datetime
) -> Challenge | None:
    """None if it expired, was consumed before, or is not for that account (None: for whoever signs in)."""
    statement = delete(one_time_tokens).where(
        one_time_tokens.c.digest == digest(token),
        one_time_tokens.c.purpose == PASSKEY,
        one_time_tokens.c.account_id.is_not_distinct_from(account_id),
        one_time_tokens.c.expires_at > now,
    )
    row = (await tx.execute(statement.returning(one_time_tokens.c.data))).one_or_none()
    return Challenge(account_id, row.data) if row else None


async def remove(tx: AsyncConnection, token: bytes) -> None:
    await tx.execute(delete(one_time_tokens).where(one_time_tokens.c.digest == digest(token)))


async def remove_of_account(tx: AsyncConnection, account_id: UUID) -> None:
    await tx.execute(
        delete(one_time_tokens).where(
            one_time_tokens.c.account_id == account_id, one_time_tokens.c.purpose.in_([MFA, PASSKEY])
        )
    )


async def prune(tx: AsyncConnection, before: datetime) -> None:
    await tx.execute(
        delete(one_time_tokens).where(
            one_time_tokens.c.expires_at < before, one_time_tokens.c.purpose.in_([MFA, PASSKEY])
        )
    )
