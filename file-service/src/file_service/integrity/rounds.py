"""Remembers how far a chore has got that goes through everything, so that any replica goes on from there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import rounds


@dataclass(frozen=True, slots=True)
class Round:
    """`position` is empty at the beginning. `turned_at` is when it last got further, `finished_at` when to the end."""

    position: str = ""
    turned_at: datetime | None = None
    finished_at: datetime | None = None


async def find(tx: AsyncConnection, chore: str) -> Round:
    columns = (rounds.c.position, rounds.c.turned_at, rounds.c.finished_at)
    row = (await tx.execute(select(*columns).where(rounds.c.chore == chore))).one_or_none()
    return Round(*row) if row else Round()


async def reach(tx: AsyncConnection, chore: str, position: str, now: datetime) -> None:
    await _save(tx, chore, {"position": position, "turned_at": now})


async def finish(tx: AsyncConnection, chore: str, now: datetime) -> None:
    """It begins again next time."""
    await _save(tx, chore, {"position": "", "turned_at": now, "finished_at": now})


async def _save(tx: AsyncConnection, chore: str, reached: dict[str, object]) -> None:
    statement = upsert(rounds).values(chore=chore, **reached)
    await tx.execute(statement.on_conflict_do_update(index_elements=["chore"], set_=reached))
