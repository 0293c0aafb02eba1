"""SQL on the log of events: appended to under its owner's lock, read by their numbers, pruned at its old end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import TextClause, Uuid, bindparam, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import events, owners

CHANNEL = "files_events"  # each notification is an owner's id: there is something new in their log


@dataclass(frozen=True, slots=True)
class Event:
    """`number` counts an owner's events from 1 on, without a gap. `data` is JSON."""

    number: int
    type: str
    path: str | None
    previous_path: str | None
    data: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which events there are: those behind `before`, up to `last`."""

    before: int
    last: int


# The time is PostgreSQL's own, so that it goes on as the numbers do, whichever replica appends.
_APPEND = """
with told as (select row_number() over (order by path) as place, path, previous_path, data from ({about}) as about),
counted as (
    update files.owners set last_event = last_event + (select count(*) from told)
    where owner_id = :owner and exists (select from told) returning last_event, clock_timestamp() as now
),
appended as (
    insert into files.events (owner_id, number, type, path, previous_path, data, occurred_at)
    select :owner, last_event - (select count(*) from told) + place, :type, path, previous_path, data, now
    from told, counted
)
select pg_notify('{channel}', cast(:owner as text)) from counted
"""
_ONE = "select cast(null as text) as path, cast(null as text) as previous_path, cast(:data as text) as data"


def moment(column: str) -> str:
    """SQL: a time as it is in JSON (RFC 3339), as part of the `data` of events."""
    written = f"""to_char({column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"')"""
    return f"replace({written}, '.000000Z', 'Z')"  # as pydantic writes whole seconds


async def append(tx: AsyncConnection, owner_id: UUID, kind: str, data: Mapping[str, Any]) -> None:
    """Of what has no path. The owner is to be locked, as for `append_each`."""
    await append_each(tx, owner_id, kind, _ONE, data=to_json(data).decode())


async def append_each(tx: AsyncConnection, owner_id: UUID, kind: str, about: str, **values: Any) -> None:
    """One for each row that the query `about` finds, in the order of their paths.

    It is to give `path` and `previous_path`, which may be null, and `data`. Who listens is told when the transaction
    commits.
    """
    await tx.execute(_statement(about), {"owner": owner_id, "type": kind, **values})


@cache
def _statement(about: str) -> TextClause:
    return text(_APPEND.format(about=about, channel=CHANNEL)).bindparams(bindparam("owner", type_=Uuid))


async def since(tx: AsyncConnection, owner_id: UUID, after: int, limit: int) -> Sequence[Event]:
    """Those with greater numbers, in order. What was pruned is missing at the beginning, and nowhere else."""
    columns = [events.c[name] for name in Event.__dataclass_fields__]
    query = select(*columns).where(events.c.owner_id == owner_id, events.c.number > after)
    return [Event(*row) for row in await tx.execute(query.order_by(events.c.number).limit(limit))]


async def bounds(tx: AsyncConnection, owner_id: UUID) -> Bounds:
    first = select(func.min(events.c.number)).where(events.c.owner_id == owner_id).scalar_subquery()
    query = select(first, owners.c.last_event).where(owners.c.owner_id == owner_id)
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return Bounds(0, 0)
    oldest, last = row
    return Bounds(last if oldest is None else oldest - 1, last)


async def prune(tx: AsyncConnection, before: datetime, limit: int) -> int:
    """How many are gone of those that happened before; at most `limit`, the oldest first."""
    old = select(events.c.owner_id, events.c.number).where(events.c.occurred_at < before)
    old = old.order_by(events.c.occurred_at, events.c.number).limit(limit)
    chosen = old.cte("old")
    doomed = delete(events).where(events.c.owner_id == chosen.c.owner_id, events.c.number == chosen.c.number)
    return (await tx.execute(doomed)).rowcount
