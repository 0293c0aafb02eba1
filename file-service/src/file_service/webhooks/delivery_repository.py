"""SQL on deliveries. Whoever changes one has locked its webhook."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import webhook_deliveries as deliveries
from file_service.database.tables import webhooks

WAITING, DUE, SENDING, DELIVERED, FAILED = "waiting", "due", "sending", "delivered", "failed"
_LIVE = (WAITING, DUE, SENDING)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`error` is a slug, None for success; `at` is written as in JSON."""

    at: str
    status: int | None
    duration_ms: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Of the event `number`, or of a test, which has 0. What it is about is its `subject`: those are in order.

    `turn` is how often it was queued, `failures` count from when it was last asked for.
    """

    id: UUID
    webhook_id: UUID
    number: int
    type: str
    subject: str
    body: str
    expires_at: datetime
    created_at: datetime
    state: str = WAITING
    reason: str | None = None
    due_at: datetime | None = None
    turn: int = 0
    failures: int = 0
    attempts: Sequence[Attempt] = ()
    ended_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.state in _LIVE

    @property
    def is_test(self) -> bool:
        return self.number == 0


async def add(tx: AsyncConnection, new: Sequence[Delivery]) -> None:
    if new:
        await tx.execute(insert(deliveries), [asdict(one) for one in new])


# The oldest of those that wait, where none of the same subject is on its way.
_PROMOTE = text("""
update files.webhook_deliveries set state = 'due', due_at = :now
from unnest(cast(:subjects as text[])) as wanted (subject)
cross join lateral (
    select id from files.webhook_deliveries
    where webhook_id = :webhook and subject = wanted.subject and state = 'waiting' order by number limit 1
) as oldest
where webhook_deliveries.id = oldest.id and not exists (
    select from files.webhook_deliveries
    where webhook_id = :webhook and subject = wanted.subject and state in ('due', 'sending')
)
""")


async def promote(tx: AsyncConnection, webhook_id: UUID, subjects: Collection[str], now: datetime) -> None:
    """Has the next one of each subject be due, unless the one before it is not through yet."""
    if subjects:
        await tx.execute(_PROMOTE, {"webhook": webhook_id, "subjects": list(set(subjects)), "now": now})


async def take(tx: AsyncConnection, webhook_id: UUID, now: datetime, limit: int) -> Sequence[tuple[UUID, int]]:
    """Some that are due, each with its turn, which they are being sent in from now on."""
    due = select(deliveries.c.id).where(
        deliveries.c.webhook_id == webhook_id, deliveries.c.state == DUE, deliveries.c.due_at <= now
    )
    due = due.order_by(deliveries.c.due_at, deliveries.c.number).limit(limit)
    statement = update(deliveries).where(deliveries.c.id.in_(due))
    statement = statement.values(state=SENDING, due_at=None, turn=deliveries.c.turn + 1)
    rows = await tx.execute(statement.returning(deliveries.c.id, deliveries.c.turn))
    return [(row.id, row.turn) for row in rows]


async def sending(tx: AsyncConnection, webhook_id: UUID) -> int:
    query = select(func.count()).where(deliveries.c.webhook_id == webhook_id, deliveries.c.state == SENDING)
    return int((await tx.execute(query)).scalar_one())


async def is_under_way(tx: AsyncConnection, webhook_id: UUID, subject: str) -> bool:
    """Whether one of the subject is due or being sent."""
    query = select(deliveries.c.id).where(deliveries.c.webhook_id == webhook_id, deliveries.c.subject == subject)
    return (await tx.execute(query.where(deliveries.c.state.in_((DUE, SENDING))))).first() is not None


async def next_due(tx: AsyncConnection, webhook_id: UUID) -> datetime | None:
    query = select(func.min(deliveries.c.due_at))
    query = query.where(deliveries.c.webhook_id == webhook_id, deliveries.c.state == DUE)
    moment: datetime | None = (await tx.execute(query)).scalar_one()
    return moment


async def find(tx: AsyncConnection, delivery_id: UUID) -> Delivery | None:
    row = (await tx.execute(select(deliveries).where(deliveries.c.id == delivery_id))).mappings().one_or_none()
    return _delivery(row) if row else None


async def listed(tx: AsyncConnection, webhook_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Delivery]:
    """Newest first."""
    query = select(deliveries).where(deliveries.c.webhook_id == webhook_id)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    rows = await tx.execute(query.order_by(deliveries.c.id.desc()).limit(limit))
    return [_delivery(row) for row in rows.mappings()]


async def change(tx: AsyncConnection, delivery_id: UUID, **values: Any) -> None:
    await tx.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


# Each state has an index of its own.
_END = text("""
update files.webhook_deliveries set state = 'failed', reason = :reason, due_at = null, ended_at = :ended_at
where id in (
    (select id from files.webhook_deliveries where webhook_id = :webhook and state = 'sending')
    union all
    (select id from files.webhook_deliveries where webhook_id = :webhook and state = 'due' limit :limit)
    union all
    (select id from files.webhook_deliveries where webhook_id = :webhook and state = 'waiting' limit :limit)
)
""")


async def end_some(tx: AsyncConnection, webhook_id: UUID, reason: str, ended_at: datetime, limit: int) -> int:
    """Of those that are not through: all that are on their way, and of the others about so many. How many those were.

    What is on its way arrives or not; nobody looks at it any more.
    """
    values = {"webhook": webhook_id, "reason": reason, "ended_at": ended_at, "limit": limit}
    return (await tx.execute(_END, values)).rowcount


async def revive(
    tx: AsyncConnection, webhook_id: UUID, reason: str, ended_at: datetime, expires_at: datetime
) -> Collection[str]:
    """Has those wait again that `end_some` ended then. Gives their subjects."""
    ended = and_(
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.state == FAILED,
        deliveries.c.reason == reason,
        deliveries.c.ended_at == ended_at,
    )
    statement = update(deliveries).where(ended)
    statement = statement.values(state=WAITING, reason=None, ended_at=None, failures=0, expires_at=expires_at)
    return set((await tx.execute(statement.returning(deliveries.c.subject))).scalars())


# Each part has an index of just those rows, and looks at no more than so many.
_PENDING = text("""
with heads as (
    select created_at from files.webhook_deliveries where state in ('due', 'sending') limit :most
), behind as (
    select from files.webhook_deliveries where state = 'waiting' limit :most
)
select (select count(*) from heads) + (select count(*) from behind) as number,
    (select min(created_at) from heads) as since
""")


async def pending(tx: AsyncConnection, most: int) -> tuple[int, datetime | None]:
    """How many are not through, counted up to about `most`, and since when the oldest is that is on its way."""
    row = (await tx.execute(_PENDING, {"most": most})).one()
    return row.number, row.since


async def remove_of(tx: AsyncConnection, owner_id: UUID, limit: int) -> int:
    """At most so many of an owner's deliveries, and how many those were; where none is left, their webhooks too."""
    mine = select(webhooks.c.id).where(webhooks.c.owner_id == owner_id).order_by(webhooks.c.id).with_for_update()
    ids = (await tx.execute(mine)).scalars().all()
    some = select(deliveries.c.id).where(among(deliveries.c.webhook_id, ids)).limit(limit)
    count = (await tx.execute(delete(deliveries).where(deliveries.c.id.in_(some)))).rowcount
    if count < limit:
        await tx.execute(delete(webhooks).where(among(webhooks.c.id, ids)))
    return count


def _delivery(row: Any) -> Delivery:
    return Delivery(**{**row, "attempts": [Attempt(**one) for one in row["attempts"]]})
