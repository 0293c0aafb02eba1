"""SQL on signing keys, and on whatever else is sealed under the master key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import signing_keys, totp_secrets

CHANNEL = "auth_signing_keys"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A key that is not stored yet."""

    kid: str
    public_jwk: dict[str, str]
    sealed_private_key: bytes


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`state` is next, active or retired. `activate_at` is set on a next key that was asked to sign."""

    kid: str
    state: str
    public_jwk: dict[str, str]
    sealed_private_key: bytes
    created_at: datetime
    activate_at: datetime | None
    activated_at: datetime | None
    retired_at: datetime | None


async def all_keys(tx: AsyncConnection) -> Sequence[StoredKey]:
    """Newest first."""
    rows = await tx.execute(select(signing_keys).order_by(signing_keys.c.created_at.desc(), signing_keys.c.kid))
    return [StoredKey(**row) for row in rows.mappings()]


async def lock(tx: AsyncConnection) -> None:
    """Until the transaction ends, nobody else changes which keys there are."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('auth.signing_keys'))"))


async def tell(tx: AsyncConnection) -> None:
    """Every replica hears of it once the transaction commits."""
    await tx.execute(text(f"notify {CHANNEL}"))


async def add(tx: AsyncConnection, key: SealedKey, state: str, now: datetime) -> None:
    await tx.execute(
        insert(signing_keys).values(
            kid=key.kid,
            state=state,
            public_jwk=key.public_jwk,
            sealed_private_key=key.sealed_private_key,
            created_at=now,
            activated_at=now if state == "active" else None,
        )
    )


async def add_first(tx: AsyncConnection, active: SealedKey, following: SealedKey, now: datetime) -> None:
    """Both from the same moment: no key set is ever published with but one of them, so either may sign at any time."""
    await add(tx, active, "active", now)
    await add(tx, following, "next", now)
    await tell(tx)


async def request_activation(tx: AsyncConnection, now: datetime) -> None:
    """The next key signs as soon as it may. An earlier request stands."""
    following = update(signing_keys).where(signing_keys.c.state == "next")
    await tx.execute(following.values(activate_at=func.coalesce(signing_keys.c.activate_at, now)))


async def activate(tx: AsyncConnection, kid: str, now: datetime) -> None:
    """The active key retires, and this one signs from now on."""
    active = update(signing_keys).where(signing_keys.c.state == "active")
    await tx.execute(active.values(state="retired", retired_at=now))
    chosen = update(signing_keys).where(signing_keys.c.kid == kid)
    await tx.execute(chosen.values(state="active", activated_at=now, activate_at=None))


async def remove(tx: AsyncConnection, kid: str) -> None:
    await tx.execute(delete(signing_keys).where(signing_keys.c.kid == kid))


async def put_sealed_key(tx: AsyncConnection, kid: str, sealed: bytes) -> None:
    await tx.execute(update(signing_keys).where(signing_keys.c.kid == kid).values(sealed_private_key=sealed))


async def lock_totp_secrets(tx: AsyncConnection, after: UUID | None, limit: int) -> Mapping[UUID, bytes]:
    """The sealed secrets by account, in the order of their ids, beginning behind `after`."""
    query = select(totp_secrets.c.account_id, totp_secrets.c.sealed_secret).order_by(totp_secrets.c.account_id)
    if after:
        query = query.where(totp_secrets.c.account_id > after)
    rows = await tx.execute(query.limit(limit).with_for_update())
    return {row.account_id: row.sealed_secret for row in rows}


async def put_totp_secrets(tx: AsyncConnection, sealed: Mapping[UUID, bytes]) -> None:
    statement = update(totp_secrets).where(totp_secrets.c.account_id == bindparam("account"))
    rows = [{"account": account_id, "sealed": secret} for account_id, secret in sealed.items()]
    await tx.execute(statement.values(sealed_secret=bindparam("sealed")), rows)
