"""SQL on signing keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import signing_keys


@dataclass(frozen=True, slots=True)
class StoredKey:
    kid: str
    state: str
    public_jwk: dict[str, str]
    sealed_private_key: bytes
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None


async def all_keys(tx: AsyncConnection) -> Sequence[StoredKey]:
    """Newest first."""
    rows = await tx.execute(select(signing_keys).order_by(signing_keys.c.created_at.desc()))
    return [StoredKey(**row) for row in rows.mappings()]


async def lock(tx: AsyncConnection) -> None:
    """Until the transaction ends, nobody else changes which keys there are."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('auth.signing_keys'))"))


async def add(tx: AsyncConnection, key: StoredKey) -> None:
    await tx.execute(
        insert(signing_keys).values(
            kid=key.kid,
            state=key.state,
            public_jwk=key.public_jwk,
            sealed_private_key=key.sealed_private_key,
            created_at=key.created_at,
            activated_at=key.activated_at,
        )
    )
