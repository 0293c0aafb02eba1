"""SQL on the versions of all files, as far as it concerns their objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.among import among
from file_service.database.tables import file_versions, files

_version = file_versions.c
_faulty = or_(_version.damaged_at.is_not(None), _version.missing_at.is_not(None))
_key: ColumnElement[str] = _version.object_key.collate("C")  # in the order of bytes, as the store lists them


@dataclass(frozen=True, slots=True)
class Expected:
    """What a row says about its object, and whether that was found true."""

    file_id: UUID
    number: int
    object_key: str
    size: int
    sha256: bytes
    damaged_at: datetime | None
    missing_at: datetime | None


@dataclass(frozen=True, slots=True)
class Faulty:
    owner_id: UUID
    path: str
    version: Expected


@dataclass(frozen=True, slots=True)
class Counts:
    damaged: int
    missing: int


_EXPECTED = (
    _version.file_id,
    _version.version,
    _version.object_key,
    _version.size,
    _version.sha256,
    _version.damaged_at,
    _version.missing_at,
)


async def longest_unread(tx: AsyncConnection, *, before: datetime, faulty_before: datetime) -> str | None:
    """The object that was compared longest ago, before that moment; first those with which something was wrong."""
    for which in (and_(_faulty, _version.verified_at < faulty_before), _version.verified_at < before):
        query = select(_version.object_key).where(which).order_by(_version.verified_at).limit(1)
        if (key := (await tx.execute(query)).scalar_one_or_none()) is not None:
            return str(key)
    return None


async def lock_of(tx: AsyncConnection, key: str) -> Sequence[Expected]:
    """The versions that share an object. Those that are being removed just now are left out, so it never waits."""
    query = select(*_EXPECTED).where(_version.object_key == key).with_for_update(skip_locked=True)
    return [Expected(*row) for row in await tx.execute(query)]


async def set_right(tx: AsyncConnection, version: Expected, crc32: int, now: datetime) -> None:
    """A version from before CRCs gets one."""
    await _set(tx, version, verified_at=now, crc32=crc32, damaged_at=None, missing_at=None)


async def set_damaged(tx: AsyncConnection, version: Expected, now: datetime) -> None:
    await _set(tx, version, verified_at=now, damaged_at=version.damaged_at or now, missing_at=None)


async def set_missing(tx: AsyncConnection, version: Expected, now: datetime) -> None:
    await _set(tx, version, verified_at=now, missing_at=version.missing_at or now)


async def known_keys(tx: AsyncConnection, after: str, limit: int) -> Sequence[str]:
    """The objects that versions point at, in the order of their bytes, beginning behind `after`."""
    query = select(_key).where(_key > after).distinct().order_by(_key).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def referred(tx: AsyncConnection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that a version points at."""
    query = select(_version.object_key).where(among(_version.object_key, keys))
    return set((await tx.execute(query)).scalars())


async def is_empty(tx: AsyncConnection) -> bool:
    return (await tx.execute(select(literal(1)).select_from(file_versions).limit(1))).first() is None


async def faulty(tx: AsyncConnection, *, after: tuple[UUID, int] | None, limit: int) -> Sequence[Faulty]:
    """In the order of the files' ids."""
    place = tuple_(_version.file_id, _version.version)
    query = select(files.c.owner_id, files.c.path, *_EXPECTED).join_from(file_versions, files).where(_faulty)
    if after is not None:
        query = query.where(place > tuple_(*after))
    rows = await tx.execute(query.order_by(_version.file_id, _version.version).limit(limit))
    return [Faulty(row[0], row[1], Expected(*row[2:])) for row in rows]


async def count(tx: AsyncConnection) -> Counts:
    damaged, missing = func.count(_version.damaged_at), func.count(_version.missing_at)
    return Counts(*(await tx.execute(select(damaged, missing).where(_faulty))).one())


async def _set(tx: AsyncConnection, version: Expected, **values: object) -> None:
    which = (_version.file_id == version.file_id, _version.version == version.number)
    await tx.execute(update(file_versions).where(*which).values(values))
