"""SQL on one-time tokens. Only their SHA-256 is stored; `purpose` keeps one kind from passing for another."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import one_time_tokens


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    account_id: UUID | None
    data: dict[str, Any]


def digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


async def issue(
    tx: AsyncConnection,
    purpose: str,
    account_id: UUID | None,
    data: dict[str, Any],
    now: datetime,
    lifetime: timedelta,
    *,
    token: str | None = None,
) -> str:
    """The token in the clear, 256 random bits, which is told this once."""
    token = token or secrets.token_urlsafe(32)
    await tx.execute(
        insert(one_time_tokens).values(
            digest=digest(token),
            purpose=purpose,
            account_id=account_id,
            data=data,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return token


async def peek(tx: AsyncConnection, purpose: str, token: str, now: datetime) -> OneTimeToken | None:
    """The token, if it is still good; it stays so."""
    row = (await tx.execute(_good(purpose, token, now))).one_or_none()
    return OneTimeToken(row.account_id, row.data) if row else None


async def lock(tx: AsyncConnection, purpose: str, token: str, now: datetime) -> OneTimeToken | None:
    """As `peek`, and until the transaction ends nobody else uses it."""
    row = (await tx.execute(_good(purpose, token, now).with_for_update())).one_or_none()
    return OneTimeToken(row.account_id, row.data) if row else None


def _good(purpose: str, token: str, now: datetime) -> Any:
    return select(one_time_tokens.c.account_id, one_time_tokens.c.data).where(
        one_time_tokens.c.digest == digest(token),
        one_time_tokens.c.purpose == purpose,
        one_time_tokens.c.expires_at > now,
    )


async def take(tx: AsyncConnection, purpose: str, token: str, now: datetime) -> OneTimeToken | None:
    """Uses it up: of any number of uses at once, exactly one gets it."""
    statement = delete(one_time_tokens).where(
        one_time_tokens.c.digest == digest(token),
        one_time_tokens.c.purpose == purpose,
        one_time_tokens.c.expires_at > now,
    )
    row = (await tx.execute(statement.returning(one_time_tokens.c.account_id, one_time_tokens.c.data))).one_or_none()
    return OneTimeToken(row.account_id, row.data) if row else None


async def set_data(tx: AsyncConnection, token: str, data: dict[str, Any]) -> None:
    await tx.execute(update(one_time_tokens).where(one_time_tokens.c.digest == digest(token)).values(data=data))


async def revoke_all(tx: AsyncConnection, purpose: str, account_id: UUID) -> None:
    """What was issued to the account for that purpose is good for nothing any more."""
    await tx.execute(
        delete(one_time_tokens).where(one_time_tokens.c.account_id == account_id, one_time_tokens.c.purpose == purpose)
    )


async def prune(tx: AsyncConnection, now: datetime) -> None:
    await tx.execute(delete(one_time_tokens).where(one_time_tokens.c.expires_at <= now))
