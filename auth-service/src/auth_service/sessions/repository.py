"""SQL on sessions and refresh tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import accounts, refresh_tokens, sessions


@dataclass(frozen=True, slots=True)
class Session:
    id: UUID
    account_id: UUID
    client_id: str
    scope: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A refresh token as it stands, with its session and its account's state."""

    session: Session
    session_ended: bool
    roles: tuple[str, ...]
    account_enabled: bool
    expires_at: datetime
    spent_at: datetime | None


async def add(tx: AsyncConnection, session: Session, *, address: str | None, user_agent: str | None) -> None:
    await tx.execute(
        insert(sessions).values(
            id=session.id,
            account_id=session.account_id,
            client_id=session.client_id,
            scope=session.scope,
            address=address,
            user_agent=user_agent,
            created_at=session.created_at,
            last_used_at=session.created_at,
            expires_at=session.expires_at,
        )
    )


async def add_token(tx: AsyncConnection, digest: bytes, session_id: UUID, expires_at: datetime) -> None:
    await tx.execute(
        insert(refresh_tokens).values(digest=digest, session_id=session_id, expires_at=expires_at, spent_at=None)
    )


async def lock_token(tx: AsyncConnection, digest: bytes) -> PresentedToken | None:
    """Locks the token until the transaction ends: of two uses at once, the second sees what the first one did."""
    query = (
        select(
            sessions,
            refresh_tokens.c.expires_at.label("token_expires_at"),
            refresh_tokens.c.spent_at,
            accounts.c.roles,
            accounts.c.disabled_at,
        )
        .join(sessions, sessions.c.id == refresh_tokens.c.session_id)
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(refresh_tokens.c.digest == digest)
        .with_for_update(of=refresh_tokens)
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return PresentedToken(
        session=Session(
            id=row["id"],
            account_id=row["account_id"],
            client_id=row["client_id"],
            scope=row["scope"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
        ),
        session_ended=row["ended_at"] is not None,
        roles=tuple(row["roles"]),
        account_enabled=row["disabled_at"] is None,
        expires_at=row["token_expires_at"],
        spent_at=row["spent_at"],
    )


async def spend(tx: AsyncConnection, digest: bytes, session_id: UUID, now: datetime) -> None:
    await tx.execute(update(refresh_tokens).where(refresh_tokens.c.digest == digest).values(spent_at=now))
    await tx.execute(update(sessions).where(sessions.c.id == session_id).values(last_used_at=now))


async def end(tx: AsyncConnection, session_id: UUID, now: datetime) -> None:
    await tx.execute(
        update(sessions).where(sessions.c.id == session_id, sessions.c.ended_at.is_(None)).values(ended_at=now)
    )
