"""SQL on versions of files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Delete, RowMapping, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import file_versions


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that are in the store already: what a version of a file consists of. `size` is in bytes.

    `content_type` is what the bytes are, `declared_type` what the client said; `crc32` is None for what is older.
    """

    object_key: str
    size: int
    sha256: bytes
    crc32: int | None
    content_type: str
    declared_type: str | None

    def stored_as(self, object_key: str) -> Self:
        """The same bytes as another object."""
        return replace(self, object_key=object_key)

    @property
    def etag(self) -> str:
        """Strong (RFC 9110 §8.8.3): the same bytes have the same one."""
        return f'"{self.sha256.hex()}"'


@dataclass(frozen=True, slots=True)
class Version:
    file_id: UUID
    number: int
    content: Content
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Removed:
    """How many bytes no longer count, and the objects that nothing points at any more."""

    bytes: int
    object_keys: Sequence[str]


def _version(row: RowMapping) -> Version:
    content = Content(
        row["object_key"], row["size"], row["sha256"], row["crc32"], row["content_type"], row["declared_type"]
    )
    return Version(row["file_id"], row["version"], content, row["created_at"])


async def add(tx: AsyncConnection, version: Version) -> None:
    content = version.content
    await tx.execute(
        insert(file_versions).values(
            file_id=version.file_id,
            version=version.number,
            object_key=content.object_key,
            size=content.size,
            sha256=content.sha256,
            crc32=content.crc32,
            content_type=content.content_type,
            declared_type=content.declared_type,
            created_at=version.created_at,
            verified_at=version.created_at,
        )
    )


async def find(tx: AsyncConnection, file_id: UUID, number: int) -> Version | None:
    query = select(file_versions).where(file_versions.c.file_id == file_id, file_versions.c.version == number)
    row = (await tx.execute(query)).mappings().one_or_none()
    return _version(row) if row else None


async def listed(tx: AsyncConnection, file_id: UUID, *, before: int | None, limit: int) -> Sequence[Version]:
    """Newest first."""
    query = select(file_versions).where(file_versions.c.file_id == file_id)
    if before is not None:
        query = query.where(file_versions.c.version < before)
    rows = await tx.execute(query.order_by(file_versions.c.version.desc()).limit(limit))
    return [_version(row) for row in rows.mappings()]


async def remove_of(tx: AsyncConnection, file_ids: Sequence[UUID]) -> Removed:
    """Every version of those files. Their owners are to be locked."""
    return await _remove(tx, delete(file_versions).where(among(file_versions.c.file_id, file_ids)))


async def remove(tx: AsyncConnection, file_id: UUID, numbers: Sequence[int]) -> Removed:
    """Those versions of one file. Its owner is to be locked."""
    which = (file_versions.c.file_id == file_id, among(file_versions.c.version, numbers))
    return await _remove(tx, delete(file_versions).where(*which))


async def _remove(tx: AsyncConnection, statement: Delete) -> Removed:
    gone: Sequence[Any] = (
        await tx.execute(statement.returning(file_versions.c.object_key, file_versions.c.size))
    ).all()
    keys = {row.object_key for row in gone}
    # A version that was restored shares its object with the one it was restored from.
    kept = select(file_versions.c.object_key).where(among(file_versions.c.object_key, keys))
    keys -= set((await tx.execute(kept)).scalars())
    return Removed(sum(row.size for row in gone), sorted(keys))
