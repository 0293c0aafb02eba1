"""SQL on the files of an archive: what is needed of each to read and to name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import file_versions, files, shares
from file_service.files.listing import in_folder


@dataclass(frozen=True, slots=True)
class Entry:
    """A file's current version. The name is its path; `crc32` is None for what is older than the column."""

    name: str
    object_key: str
    size: int
    crc32: int | None
    stored_at: datetime


async def visible(tx: AsyncConnection, account_id: UUID, file_ids: Sequence[UUID]) -> dict[UUID, Entry]:
    """Those of them that the account owns, or that were shared with it; not what is in the trash."""
    shared = exists().where(shares.c.file_id == files.c.id, shares.c.grantee_id == account_id)
    query = _current(files.c.id).where(among(files.c.id, file_ids), files.c.trashed_at.is_(None))
    rows = await tx.execute(query.where(or_(files.c.owner_id == account_id, shared)))
    return {row["id"]: _entry(row) for row in rows.mappings()}


async def inside(tx: AsyncConnection, owner_id: UUID, folder: str, *, after: str, limit: int) -> Sequence[Entry]:
    """In the order of their paths, beginning behind `after`. The folder with an empty path has everything in it."""
    query = _current().where(*_inside(owner_id, folder), files.c.path > after)
    return [_entry(row) for row in (await tx.execute(query.order_by(files.c.path).limit(limit))).mappings()]


async def is_taken(tx: AsyncConnection, owner_id: UUID, path: str) -> bool:
    """Whether there is a file or a folder."""
    which = or_(files.c.path == path, in_folder(path))
    query = select(files.c.id).where(files.c.owner_id == owner_id, files.c.trashed_at.is_(None), which).limit(1)
    return (await tx.execute(query)).first() is not None


async def count_inside(tx: AsyncConnection, owner_id: UUID, folder: str, *, limit: int) -> int:
    """Not counted further than `limit`."""
    some = select(files.c.id).where(*_inside(owner_id, folder)).limit(limit).subquery()
    return int((await tx.execute(select(func.count()).select_from(some))).scalar_one())


def _current(*more: ColumnElement[Any]) -> Select[Any]:
    version = file_versions.c
    columns = (files.c.path, version.object_key, version.size, version.crc32, version.created_at)
    same = and_(version.file_id == files.c.id, version.version == files.c.version)
    return select(*columns, *more).select_from(files.join(file_versions, same))


def _inside(owner_id: UUID, folder: str) -> list[ColumnElement[bool]]:
    conditions = [files.c.owner_id == owner_id, files.c.trashed_at.is_(None)]
    return [*conditions, in_folder(folder)] if folder else conditions


def _entry(row: RowMapping) -> Entry:
    return Entry(row["path"], row["object_key"], row["size"], row["crc32"], row["created_at"])
