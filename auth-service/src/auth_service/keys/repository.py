"""SQL on signing keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import signing_keys, totp_secrets
from auth_service.keys.sealing import MasterKey


@dataclass(frozen=True, slots=True)
class StoredKey:
    """`state` is next, active or retired."""

    kid: str
    state: str
    public_jwk: dict[str, str]
    sealed_private_key: bytes
    created_at: datetime
    activate_at: datetime | None = None
    activated_at: datetime | None = None
    retired_at: datetime | None = None


async def all_keys(tx: AsyncConnection) -> Sequence[StoredKey]:
    """Newest first."""
    rows = await tx.execute(select(signing_keys).order_by(signing_keys.c.created_at.desc(), signing_keys.c.kid))
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
            activate_at=key.activate_at,
            activated_at=key.activated_at,
        )
    )


async def request_activation(tx: AsyncConnection, kid: str, activate_at: datetime) -> None:
    await tx.execute(update(signing_keys).where(signing_keys.c.kid == kid).values(activate_at=activate_at))


async def activate(tx: AsyncConnection, kid: str, now: datetime) -> None:
    """The active key retires, and this one signs from now on."""
    active = update(signing_keys).where(signing_keys.c.state == "active")
    await tx.execute(active.values(state="retired", retired_at=now))
    chosen = update(signing_keys).where(signing_keys.c.kid == kid)
    await tx.execute(chosen.values(state="active", activated_at=now, activate_at=None))


async def remove(tx: AsyncConnection, kid: str) -> None:
    await tx.execute(delete(signing_keys).where(signing_keys.c.kid == kid))


async def reseal_all(tx: AsyncConnection, master_key: MasterKey) -> int:
    """Everything sealed, under the current master key. How many secrets there were. Raises WrongMasterKey."""
    await lock(tx)
    keys = (await tx.execute(select(signing_keys.c.kid, signing_keys.c.sealed_private_key))).all()
    for kid, sealed in keys:
        statement = update(signing_keys).where(signing_keys.c.kid == kid)
        await tx.execute(statement.values(sealed_private_key=master_key.reseal(sealed, kid)))
    query = select(totp_secrets.c.account_id, totp_secrets.c.sealed_secret).with_for_update()
    secrets = (await tx.execute(query)).all()
    for account_id, sealed in secrets:
        statement = update(totp_secrets).where(totp_secrets.c.account_id == account_id)
        await tx.execute(statement.values(sealed_secret=master_key.reseal(sealed, str(account_id))))
    return len(keys) + len(secrets)
