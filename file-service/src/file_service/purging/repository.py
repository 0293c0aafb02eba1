"""SQL on what an account leaves. Portions are so large that the owner is not locked for long."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import derived_usage, events, files, links, searched_languages
from file_service.usage import repository as usage


async def some_files(tx: AsyncConnection, owner_id: UUID, limit: int) -> Sequence[UUID]:
    """In the tree and in the trash, each of which has an index of its own."""
    each = [
        select(files.c.id).where(files.c.owner_id == owner_id, where).limit(limit).subquery()
        for where in (files.c.trashed_at.is_(None), files.c.trashed_at.is_not(None))
    ]
    return (await tx.execute(union_all(*(select(one.c.id) for one in each)).limit(limit))).scalars().all()


async def remove_links(tx: AsyncConnection, owner_id: UUID, limit: int) -> int:
    return await _remove(tx, links, links.c.id, links.c.owner_id == owner_id, limit)


async def remove_events(tx: AsyncConnection, owner_id: UUID, limit: int) -> int:
    return await _remove(tx, events, events.c.number, events.c.owner_id == owner_id, limit)


async def remove_rest(tx: AsyncConnection, owner_id: UUID) -> None:
    """What is known of the owner beside the one row that says that they are gone. Nothing else is to be left."""
    for table in (derived_usage, searched_languages):
        await tx.execute(delete(table).where(table.c.owner_id == owner_id))
    await usage.forget(tx, owner_id)


async def _remove(
    tx: AsyncConnection, table: Table, key: ColumnElement[Any], which: ColumnElement[bool], limit: int
) -> int:
    """How many there were, at most `limit`. The key tells apart those that `which` finds."""
    some = select(key).where(which).limit(limit)
    return (await tx.execute(delete(table).where(which, key.in_(some)))).rowcount
