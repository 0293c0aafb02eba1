"""SQL that finds what has been kept long enough."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import file_versions, files

_version = file_versions.c


async def owner_of_old_trash(tx: AsyncConnection, before: datetime, *, after: UUID) -> UUID | None:
    """The first owner behind `after` of a file that has been in the trash since before that moment."""
    query = select(files.c.owner_id).where(files.c.trashed_at < before, files.c.owner_id > after)
    return (await tx.execute(query.order_by(files.c.owner_id).limit(1))).scalar_one_or_none()


async def old_trash(tx: AsyncConnection, owner_id: UUID, before: datetime, limit: int) -> Sequence[UUID]:
    query = select(files.c.id).where(files.c.owner_id == owner_id, files.c.trashed_at < before)
    return (await tx.execute(query.order_by(files.c.trashed_at).limit(limit))).scalars().all()


async def with_old_versions(
    tx: AsyncConnection, keep: int | None, before: datetime | None, *, after: UUID, limit: int
) -> Sequence[tuple[UUID, UUID]]:
    """Owners and ids of files that may have versions to remove, by id, beginning behind `after`."""
    of_file = _version.file_id == files.c.id
    conditions: list[ColumnElement[bool]] = []
    if keep is not None:
        conditions.append(exists().where(of_file, _version.version <= files.c.version - keep))
    if before is not None:
        newer = file_versions.alias()
        succeeded = exists().where(
            newer.c.file_id == files.c.id, newer.c.version > _version.version, newer.c.created_at < before
        )
        conditions.append(exists().where(of_file, succeeded))
    query = select(files.c.owner_id, files.c.id).where(files.c.version > 1, files.c.id > after, or_(*conditions))
    return [(row.owner_id, row.id) for row in await tx.execute(query.order_by(files.c.id).limit(limit))]


async def old_versions(
    tx: AsyncConnection, file_id: UUID, keep: int | None, before: datetime | None, limit: int
) -> Sequence[int]:
    """The numbers of a file's versions beyond the newest `keep`, and of those that had a successor `before` then.

    So whoever goes back to that moment finds what was current. Never the current version.
    """
    mine = select(_version.version).where(_version.file_id == file_id)
    newest = mine.order_by(_version.version.desc())
    floors: list[ColumnElement[int]] = []
    if keep is not None:
        floors.append(newest.offset(keep - 1).limit(1).scalar_subquery())
    if before is not None:
        floors.append(newest.where(_version.created_at < before).limit(1).scalar_subquery())
    # Of what is NULL, the other one is the greatest.
    query = mine.where(_version.version < func.greatest(*floors)).order_by(_version.version).limit(limit)
    return (await tx.execute(query)).scalars().all()
