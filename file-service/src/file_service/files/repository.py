"""SQL on files: one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import files, shares
from file_service.files import version_repository as versions
from file_service.files.errors import PathTaken
from file_service.files.names import name_key, words
from file_service.files.paths import filename
from file_service.files.version_repository import Content, Version


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
    trashed_at: datetime | None

    @property
    def filename(self) -> str:
        return filename(self.path)


def file_of(row: RowMapping) -> File:
    return File(
        id=row["id"],
        owner_id=row["owner_id"],
        path=row["path"],
        version=row["version"],
        content=Content(row["object_key"], row["size"], row["sha256"], None, row["content_type"], row["declared_type"]),
        tags=tuple(row["tags"]),
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        trashed_at=row["trashed_at"],
    )


def _current(content: Content) -> dict[str, object]:
    return {
        "object_key": content.object_key,
        "size": content.size,
        "sha256": content.sha256,
        "content_type": content.content_type,
        "declared_type": content.declared_type,
    }


def _found_by(path: str, tags: Sequence[str]) -> dict[str, object]:
    text = " ".join(words(" ".join((filename(path), *tags))))
    return {"name_key": name_key(filename(path)), "words": func.to_tsvector("simple", text)}


async def add(tx: AsyncConnection, file: File) -> None:
    """With its first version. Raises PathTaken."""
    row = {
        "id": file.id,
        "owner_id": file.owner_id,
        "path": file.path,
        "version": file.version,
        **_current(file.content),
        **_found_by(file.path, file.tags),
        "tags": list(file.tags),
        "metadata": file.metadata,
        "created_at": file.created_at,
        "updated_at": file.updated_at,
    }
    await _unless_taken(tx, insert(files).values(row))
    await versions.add(tx, Version(file.id, file.version, file.content, file.created_at))


async def put_version(tx: AsyncConnection, file: File, content: Content, now: datetime) -> File:
    """The content becomes the current one. The owner is to be locked."""
    statement = update(files).where(files.c.id == file.id)
    statement = statement.values(version=files.c.version + 1, updated_at=now, **_current(content))
    changed = file_of((await tx.execute(statement.returning(files))).mappings().one())
    await versions.add(tx, Version(file.id, changed.version, content, now))
    return changed


async def at(tx: AsyncConnection, owner_id: UUID, path: str) -> File | None:
    """The file at a path, unless it is in the trash."""
    return await _one(tx, select(files).where(files.c.owner_id == owner_id, files.c.path == path, _in_tree()))


async def owned(tx: AsyncConnection, owner_id: UUID, file_id: UUID, *, trashed: bool | None = False) -> File | None:
    """`trashed` None finds it in the tree and in the trash."""
    query = select(files).where(files.c.id == file_id, files.c.owner_id == owner_id)
    if trashed is not None:
        query = query.where(files.c.trashed_at.is_not(None) if trashed else _in_tree())
    return await _one(tx, query)


async def visible(tx: AsyncConnection, account_id: UUID, file_id: UUID, *, to_write: bool = False) -> File | None:
    """A file that the account owns, or that was shared with it. Not what is in the trash."""
    shared = exists().where(shares.c.file_id == file_id, shares.c.grantee_id == account_id)
    if to_write:
        shared = shared.where(shares.c.may_write)
    query = select(files).where(files.c.id == file_id, _in_tree(), or_(files.c.owner_id == account_id, shared))
    return await _one(tx, query)


async def set_path(tx: AsyncConnection, file: File, path: str, now: datetime) -> File:
    """Raises PathTaken."""
    return await _change(tx, file, path=path, updated_at=now, **_found_by(path, file.tags))


async def set_tags(tx: AsyncConnection, file: File, tags: Sequence[str], now: datetime) -> File:
    return await _change(tx, file, tags=list(tags), updated_at=now, **_found_by(file.path, tags))


async def set_metadata(tx: AsyncConnection, file: File, metadata: dict[str, Any], now: datetime) -> File:
    return await _change(tx, file, metadata=metadata, updated_at=now)


async def set_trashed(tx: AsyncConnection, file: File, trashed_at: datetime | None) -> File:
    """Into the trash, or out of it. Raises PathTaken."""
    return await _change(tx, file, trashed_at=trashed_at)


async def set_found_by(tx: AsyncConnection, file: File) -> None:
    """The name and the words that it is found by, anew."""
    await _change(tx, file, **_found_by(file.path, file.tags))


async def remove(tx: AsyncConnection, which: ColumnElement[bool]) -> Sequence[UUID]:
    """The rows of those files; their versions are to be removed before. The ids of what there was."""
    return (await tx.execute(delete(files).where(which).returning(files.c.id))).scalars().all()


async def _change(tx: AsyncConnection, file: File, **values: object) -> File:
    statement = update(files).where(files.c.id == file.id).values(values).returning(files)
    return file_of((await _unless_taken(tx, statement)).mappings().one())


async def _unless_taken(tx: AsyncConnection, statement: Any) -> Any:
    try:
        return await tx.execute(statement)
    except IntegrityError as error:
        if "uq_files_path" in str(error.orig):
            raise PathTaken from error
        raise


async def _one(tx: AsyncConnection, query: Select[Any]) -> File | None:
    row = (await tx.execute(query)).mappings().one_or_none()
    return file_of(row) if row else None


def _in_tree() -> ColumnElement[bool]:
    return files.c.trashed_at.is_(None)
