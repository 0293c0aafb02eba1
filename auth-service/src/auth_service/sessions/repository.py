"""SQL on sessions and refresh tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import accounts, clients, refresh_tokens, sessions
from auth_service.revocations import repository as revocations

_MOST_LISTED = 1000


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


@dataclass(frozen=True, slots=True)
class ListedSession:
    id: UUID
    client_id: str
    scope: str
    address: str | None
    user_agent: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


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


async def roles_of(tx: AsyncConnection, account_id: UUID, password_hash: str) -> tuple[str, ...] | None:
    """The roles of the account, if it is enabled and has that password. Until the transaction ends it stays so.

    Whatever changes the account at this moment is waited for, and what changes it later sees what is added here.
    """
    query = select(accounts.c.roles).where(
        accounts.c.id == account_id, accounts.c.password_hash == password_hash, accounts.c.disabled_at.is_(None)
    )
    roles = (await tx.execute(query.with_for_update(read=True))).scalar_one_or_none()
    return None if roles is None else tuple(roles)


async def hold_client(tx: AsyncConnection, client_id: UUID) -> bool:
    """Whether there is such a client. Until the transaction ends it is not removed."""
    query = select(clients.c.id).where(clients.c.id == client_id).with_for_update(read=True, key_share=True)
    return (await tx.execute(query)).one_or_none() is not None


async def hold_account_of_token(tx: AsyncConnection, digest: bytes) -> None:
    """Before the token itself is locked, in the order of whoever changes an account and ends its sessions."""
    query = (
        select(accounts.c.id)
        .join(sessions, sessions.c.account_id == accounts.c.id)
        .join(refresh_tokens, refresh_tokens.c.session_id == sessions.c.id)
        .where(refresh_tokens.c.digest == digest)
    )
    await tx.execute(query.with_for_update(read=True, of=accounts))


async def add_token(tx: AsyncConnection, digest: bytes, session_id: UUID, expires_at: datetime) -> None:
    await tx.execute(
        insert(refresh_tokens).values(digest=digest, session_id=session_id, expires_at=expires_at, spent_at=None)
    )


async def lock_token(tx: AsyncConnection, digest: bytes) -> PresentedToken | None:
    """Locks the token until the transaction ends: of two uses at once, the second sees what the first one did."""
    row = (await tx.execute(_presented(digest).with_for_update(of=refresh_tokens))).mappings().one_or_none()
    return _presented_token(row) if row else None


def _presented(digest: bytes) -> Select[Any]:
    return (
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
    )


def _presented_token(row: RowMapping) -> PresentedToken:
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


async def end(tx: AsyncConnection, session_id: UUID, now: datetime, keep: timedelta) -> None:
    """Ends one session; every verifier refuses its access tokens as soon as the transaction commits."""
    await _end_where(tx, now, keep, sessions.c.id == session_id)


async def end_owned(tx: AsyncConnection, account_id: UUID, session_id: UUID, now: datetime, keep: timedelta) -> bool:
    """Whether that account had such a session open."""
    return bool(await _end_where(tx, now, keep, sessions.c.id == session_id, sessions.c.account_id == account_id))


async def end_all(
    tx: AsyncConnection, account_id: UUID, now: datetime, keep: timedelta, *, but: UUID | None = None
) -> int:
    """Ends the account's sessions, all or all but one. How many there were."""
    others = [sessions.c.id != but] if but else []
    return len(await _end_where(tx, now, keep, sessions.c.account_id == account_id, *others))


async def end_of_client(tx: AsyncConnection, client_id: str, now: datetime, keep: timedelta) -> int:
    """Ends every session that a client opened for anybody."""
    return len(await _end_where(tx, now, keep, sessions.c.client_id == client_id))


async def _end_where(
    tx: AsyncConnection, now: datetime, keep: timedelta, *which: ColumnElement[bool]
) -> Sequence[UUID]:
    statement = update(sessions).where(*which, sessions.c.ended_at.is_(None)).values(ended_at=now)
    ended: Sequence[UUID] = (await tx.execute(statement.returning(sessions.c.id))).scalars().all()
    await revocations.add(tx, "session", (str(one) for one in ended), now, keep)
    return ended


async def listed(tx: AsyncConnection, account_id: UUID, now: datetime) -> Sequence[ListedSession]:
    """Those that are still open, the one used last first."""
    query = _open(account_id, now).order_by(sessions.c.last_used_at.desc()).limit(_MOST_LISTED)
    return [_listed_session(row) for row in (await tx.execute(query)).mappings()]


async def page(
    tx: AsyncConnection, account_id: UUID, now: datetime, *, before: UUID | None, limit: int
) -> Sequence[ListedSession]:
    """Those that are still open, the newest first."""
    query = _open(account_id, now).order_by(sessions.c.id.desc()).limit(limit)
    if before:
        query = query.where(sessions.c.id < before)
    return [_listed_session(row) for row in (await tx.execute(query)).mappings()]


def _open(account_id: UUID, now: datetime) -> Select[Any]:
    return select(sessions).where(
        sessions.c.account_id == account_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now
    )


def _listed_session(row: RowMapping) -> ListedSession:
    return ListedSession(
        id=row["id"],
        client_id=row["client_id"],
        scope=row["scope"],
        address=row["address"],
        user_agent=row["user_agent"],
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
    )


async def by_token(tx: AsyncConnection, digest: bytes) -> PresentedToken | None:
    """What a refresh token is good for, without using it."""
    row = (await tx.execute(_presented(digest))).mappings().one_or_none()
    return _presented_token(row) if row else None


async def was_used_from(tx: AsyncConnection, account_id: UUID, address: str) -> bool:
    """Whether somebody has signed in to the account from that address before."""
    query = select(sessions.c.id).where(sessions.c.account_id == account_id, sessions.c.address == address).limit(1)
    return (await tx.execute(query)).first() is not None


async def prune(tx: AsyncConnection, ended_before: datetime) -> int:
    """Forgets sessions that ended or ran out before that moment, with their refresh tokens."""
    over = or_(sessions.c.ended_at < ended_before, sessions.c.expires_at < ended_before)
    return (await tx.execute(delete(sessions).where(over))).rowcount
