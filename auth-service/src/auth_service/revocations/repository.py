"""SQL on revocations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import revocations

CHANNEL = "auth_revocations"


@dataclass(frozen=True, slots=True)
class Revocation:
    """`kind` says what `revoked` is: a session's id (`sid`), a subject's (`sub`) or a token's (`jti`)."""

    id: int
    kind: str
    revoked: str
    revoked_at: datetime
    expires_at: datetime


async def add(tx: AsyncConnection, kind: str, revoked: Iterable[str], now: datetime, keep: timedelta) -> None:
    """Tells every verifier once the transaction commits. `keep` is the longest that a token concerned can live."""
    rows = [{"kind": kind, "revoked": one, "revoked_at": now, "expires_at": now + keep} for one in revoked]
    if not rows:
        return
    # Until the commit, nobody else can take a number: so the numbers are in the order of the commits, and whoever has
    # seen one has seen all before it.
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('auth.revocations'))"))
    await tx.execute(insert(revocations), rows)
    await tx.execute(text(f"notify {CHANNEL}"))


async def after(tx: AsyncConnection, number: int, now: datetime, limit: int) -> Sequence[Revocation]:
    """What came after that number and still matters, in order."""
    query = (
        select(revocations)
        .where(revocations.c.id > number, revocations.c.expires_at > now)
        .order_by(revocations.c.id)
        .limit(limit)
    )
    return [Revocation(**row) for row in (await tx.execute(query)).mappings()]


async def newest(tx: AsyncConnection) -> int:
    """The highest number ever given, as far as the table remembers; 0 for none."""
    return int((await tx.execute(select(func.coalesce(func.max(revocations.c.id), 0)))).scalar_one())


async def prune(tx: AsyncConnection, now: datetime) -> None:
    """Forgets what no longer matters, all but the newest, whose number must not be given again."""
    keep = select(func.max(revocations.c.id)).scalar_subquery()
    await tx.execute(delete(revocations).where(revocations.c.expires_at <= now, revocations.c.id < keep))
