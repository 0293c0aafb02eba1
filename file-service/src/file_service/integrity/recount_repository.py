"""SQL on what an owner's rows come to, and on rows without what they are found by."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, func, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import file_versions, files, owners
from file_service.files.repository import File, file_of

_IN_TREE, _TRASHED = files.c.trashed_at.is_(None), files.c.trashed_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Tally:
    bytes: int
    files: int


async def next_owner(tx: AsyncConnection, after: UUID) -> UUID | None:
    """The first one behind `after` who has files, or once had some."""
    # One by one: each is the next place in an index, however many files lie between.
    columns = ((files.c.owner_id, (_IN_TREE,)), (files.c.owner_id, (_TRASHED,)), (owners.c.owner_id, ()))
    firsts = [await _first(tx, column, after, *which) for column, which in columns]
    return min((one for one in firsts if one is not None), default=None)


async def unnamed(tx: AsyncConnection, owner_id: UUID, *, limit: int) -> Sequence[File]:
    """Files that cannot be found by their names."""
    query = select(files).where(files.c.owner_id == owner_id, files.c.name_key == "").limit(limit)
    return [file_of(row) for row in (await tx.execute(query)).mappings()]


async def tallies(tx: AsyncConnection, owner_id: UUID) -> tuple[Tally, Tally]:
    """What is charged and what there is, at one moment: so they may differ only if somebody did not charge."""
    # Each half has an index; the two together have none.
    halves = [select(files.c.id).where(files.c.owner_id == owner_id, half) for half in (_IN_TREE, _TRASHED)]
    mine = union_all(*halves).subquery()
    size = func.coalesce(func.sum(file_versions.c.size), 0).cast(BigInteger)
    joined = mine.join(file_versions, file_versions.c.file_id == mine.c.id)
    there = select(size.label("bytes"), func.count(mine.c.id.distinct()).label("files")).select_from(joined).subquery()
    charged = select(owners.c.bytes, owners.c.file_count).where(owners.c.owner_id == owner_id).subquery()
    row = (await tx.execute(select(charged, there).select_from(there.outerjoin(charged, true())))).one()
    return Tally(row[0] or 0, row[1] or 0), Tally(row[2], row[3])


async def _first(
    tx: AsyncConnection, column: ColumnElement[UUID], after: UUID, *which: ColumnElement[bool]
) -> UUID | None:
    query = select(column).where(column > after, *which).order_by(column).limit(1)
    return (await tx.execute(query)).scalar_one_or_none()
