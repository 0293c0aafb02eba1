"""SQL on share links, and on the folders that some of them point at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import files, links
from file_service.files.listing import in_folder


@dataclass(frozen=True, slots=True)
class Link:
    """To a file, or to a folder. `downloads` are counted where `max_downloads` is set."""

    id: UUID
    owner_id: UUID
    file_id: UUID | None
    folder: str | None
    password_hash: str | None
    expires_at: datetime | None
    max_downloads: int | None
    downloads: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FolderContents:
    files: int
    bytes: int


_COLUMNS = tuple(column for column in links.c if column is not links.c.token_digest)


async def add(tx: AsyncConnection, link: Link, token_digest: bytes) -> None:
    values = {column.name: getattr(link, column.name) for column in _COLUMNS}
    await tx.execute(insert(links).values(token_digest=token_digest, **values))


async def listed(tx: AsyncConnection, owner_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Link]:
    """Newest first."""
    query = select(*_COLUMNS).where(links.c.owner_id == owner_id)
    if before is not None:
        query = query.where(links.c.id < before)
    rows = await tx.execute(query.order_by(links.c.id.desc()).limit(limit))
    return [Link(**row) for row in rows.mappings()]


async def living(tx: AsyncConnection, token_digest: bytes, now: datetime) -> Link | None:
    """Neither revoked nor expired nor used up."""
    query = select(*_COLUMNS).where(links.c.token_digest == token_digest, *_living(now))
    row = (await tx.execute(query)).mappings().one_or_none()
    return Link(**row) if row else None


async def take(tx: AsyncConnection, link_id: UUID, now: datetime) -> bool:
    """One download of those that are left; False if there is none. However many ask at once."""
    statement = update(links).where(links.c.id == link_id, *_living(now)).values(downloads=links.c.downloads + 1)
    return (await tx.execute(statement.returning(links.c.id))).first() is not None


async def give_back(tx: AsyncConnection, link_id: UUID) -> None:
    """A download that was taken and could not begin."""
    await tx.execute(update(links).where(links.c.id == link_id).values(downloads=links.c.downloads - 1))


async def remove(tx: AsyncConnection, owner_id: UUID, link_ids: Sequence[UUID]) -> int:
    """How many of them the owner had."""
    return (await tx.execute(delete(links).where(among(links.c.id, link_ids), links.c.owner_id == owner_id))).rowcount


async def owners_of_expired(tx: AsyncConnection, before: datetime) -> Sequence[UUID]:
    query = select(links.c.owner_id).where(links.c.expires_at < before).distinct()
    return (await tx.execute(query)).scalars().all()


async def expired(tx: AsyncConnection, owner_id: UUID, before: datetime) -> Sequence[UUID]:
    query = select(links.c.id).where(links.c.owner_id == owner_id, links.c.expires_at < before)
    return (await tx.execute(query)).scalars().all()


async def contents(tx: AsyncConnection, owner_id: UUID, folder: str) -> FolderContents:
    """What is in the folder at this moment."""
    query = select(func.count(), func.coalesce(func.sum(files.c.size), 0)).where(
        files.c.owner_id == owner_id, files.c.trashed_at.is_(None), in_folder(folder)
    )
    count, size = (await tx.execute(query)).one()
    return FolderContents(count, int(size))


def _living(now: datetime) -> tuple[ColumnElement[Any], ...]:
    return (
        or_(links.c.expires_at.is_(None), links.c.expires_at > now),
        or_(links.c.max_downloads.is_(None), links.c.downloads < links.c.max_downloads),
    )
