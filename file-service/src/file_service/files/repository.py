"""SQL on files and their versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import file_versions, files


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that are in the store already: what a version of a file consists of. `size` is in bytes."""

    object_key: str
    size: int
    sha256: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class File:
    id: UUID
    owner_id: UUID
    path: str
    version: int
    content: Content
    tags: tuple[str, ...]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


def _file(row: RowMapping) -> File:
    return File(
        id=row["id"],
        owner_id=row["owner_id"],
        path=row["path"],
        version=row["version"],
        content=Content(row["object_key"], row["size"], row["sha256"], row["content_type"]),
        tags=tuple(row["tags"]),
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def _columns(content: Content) -> dict[str, object]:
    return {
        "object_key": content.object_key,
        "size": content.size,
        "sha256": content.sha256,
        "content_type": content.content_type,
    }


async def put(tx: AsyncConnection, new_id: UUID, owner_id: UUID, path: str, content: Content, now: datetime) -> File:
    """A new file, or a new version of the one that has this path. Two at once become two versions."""
    statement = upsert(files).values(
        id=new_id,
        owner_id=owner_id,
        path=path,
        version=1,
        **_columns(content),
        tags=[],
        metadata={},
        created_at=now,
        updated_at=now,
    )
    statement = statement.on_conflict_do_update(
        index_elements=[files.c.owner_id, files.c.path],
        index_where=files.c.trashed_at.is_(None),
        set_={"version": files.c.version + 1, "updated_at": now, **_columns(content)},
    )
    file = _file((await tx.execute(statement.returning(files))).mappings().one())
    version = {"file_id": file.id, "version": file.version, "created_at": now, **_columns(content)}
    await tx.execute(insert(file_versions).values(version))
    return file


async def owned(tx: AsyncConnection, owner_id: UUID, file_id: UUID) -> File | None:
    query = select(files).where(files.c.id == file_id, files.c.owner_id == owner_id, files.c.trashed_at.is_(None))
    row = (await tx.execute(query)).mappings().one_or_none()
    return _file(row) if row else None


async def listed(tx: AsyncConnection, owner_id: UUID, *, before: UUID | None, limit: int) -> Sequence[File]:
    """Newest first; ids are UUIDv7, so their order is that of creation."""
    query = select(files).where(files.c.owner_id == owner_id, files.c.trashed_at.is_(None))
    if before:
        query = query.where(files.c.id < before)
    rows = await tx.execute(query.order_by(files.c.id.desc()).limit(limit))
    return [_file(row) for row in rows.mappings()]


async def trash(tx: AsyncConnection, owner_id: UUID, file_id: UUID, now: datetime) -> bool:
    """Whether there was such a file outside the trash."""
    statement = update(files).where(files.c.id == file_id, files.c.owner_id == owner_id, files.c.trashed_at.is_(None))
    return (await tx.execute(statement.values(trashed_at=now))).rowcount == 1


async def remove(tx: AsyncConnection, owner_id: UUID, file_id: UUID) -> Sequence[str] | None:
    """Removes the file, in the trash or not, with all versions. The keys of its objects, or None if there is none."""
    mine = select(files.c.id).where(files.c.id == file_id, files.c.owner_id == owner_id).with_for_update()
    if (await tx.execute(mine)).one_or_none() is None:
        return None
    keys = (
        await tx.execute(
            delete(file_versions).where(file_versions.c.file_id == file_id).returning(file_versions.c.object_key)
        )
    ).scalars()
    await tx.execute(delete(files).where(files.c.id == file_id))
    return list(keys)
