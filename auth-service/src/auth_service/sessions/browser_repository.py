"""SQL on browser sessions: who is signed in at the authorization endpoint's pages."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import authorization_codes, browser_sessions


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """`digest` is that of the cookie."""

    digest: bytes
    account_id: UUID
    authenticated_at: datetime
    expires_at: datetime


async def add(tx: AsyncConnection, session: BrowserSession) -> None:
    await tx.execute(
        insert(browser_sessions).values(
            digest=session.digest,
            account_id=session.account_id,
            authenticated_at=session.authenticated_at,
            expires_at=session.expires_at,
        )
    )


async def find(tx: AsyncConnection, digest: bytes) -> BrowserSession | None:
    columns = (browser_sessions.c.account_id, browser_sessions.c.authenticated_at, browser_sessions.c.expires_at)
    row = (await tx.execute(select(*columns).where(browser_sessions.c.digest == digest))).one_or_none()
    return BrowserSession(digest, row.account_id, row.authenticated_at, row.expires_at) if row else None


async def hold(tx: AsyncConnection, session: BrowserSession) -> bool:
    """Whether it goes on. Until the transaction ends nobody ends it."""
    query = select(browser_sessions.c.digest).where(browser_sessions.c.digest == session.digest)
    return (await tx.execute(query.with_for_update(read=True))).one_or_none() is not None


async def remove(tx: AsyncConnection, digest: bytes) -> None:
    await tx.execute(delete(browser_sessions).where(browser_sessions.c.digest == digest))


async def remove_all(tx: AsyncConnection, account_id: UUID) -> None:
    """With the codes that the pages gave out and no app has redeemed yet: each of them would open a session."""
    waiting = authorization_codes.c.session_id.is_(None)
    await tx.execute(delete(authorization_codes).where(authorization_codes.c.account_id == account_id, waiting))
    await tx.execute(delete(browser_sessions).where(browser_sessions.c.account_id == account_id))


async def prune(tx: AsyncConnection, now: datetime) -> None:
    await tx.execute(delete(browser_sessions).where(browser_sessions.c.expires_at < now))
