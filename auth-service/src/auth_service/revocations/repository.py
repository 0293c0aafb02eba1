"""SQL on revocations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import revocations

CHANNEL = "auth_revocations"


@dataclass(frozen=True, slots=True)
class Revocation:
    """`kind` says what `revoked` is: a session's id (`sid`), a subject's (`sub`) or a token's (`jti`)."""

    number: int
    kind: str
    revoked: str
    revoked_at: datetime
    expires_at: datetime


async def add(tx: AsyncConnection, kind: str, revoked: Iterable[str], now: datetime, keep: timedelta) -> None:
    """Tells every verifier once the transaction commits. `keep` is the longest that what it concerns can live."""
    rows = [{"kind": kind, "revoked": one, "revoked_at": now, "expires_at": now + keep} for one in revoked]
    if rows:
        await tx.execute(insert(revocations), rows)
        await tx.execute(text(f"notify {CHANNEL}"))


async def beginning_at(tx: AsyncConnection, number: int, now: datetime, limit: int) -> Sequence[Revocation]:
    """The one of that number if there is one, expired or not, and up to `limit` later ones that still matter."""
    numbers = revocations.c.number
    query = (
        select(numbers, *(revocations.c[name] for name in ("kind", "revoked", "revoked_at", "expires_at")))
        .where(numbers >= number, or_(numbers == number, revocations.c.expires_at > now))
        .order_by(numbers)
        .limit(limit + 1)
    )
    return [Revocation(**row) for row in (await tx.execute(query)).mappings()]


async def prune(tx: AsyncConnection, expired_before: datetime) -> None:
    """Forgets what no longer matters, all but the newest: it tells a follower that it is up to date."""
    newest = select(func.max(revocations.c.number)).scalar_subquery()
    await tx.execute(
        delete(revocations).where(revocations.c.expires_at < expired_before, revocations.c.number < newest)
    )
