"""SQL on resumable uploads: whose they are, how far they have got, who holds the lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import resumable_parts, resumable_uploads
from file_service.storage.multipart import SentPart

_column = resumable_uploads.c
PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Upload:
    """`received` bytes are stored: those of the parts, and behind them the `tail_size` bytes of the tail.

    With a `part_size` its client sends the parts to the store itself, and what is there only the store knows.
    """

    id: UUID
    owner_id: UUID
    path: str | None
    declared_type: str | None
    metadata: str | None
    concat: str | None
    partials: tuple[UUID, ...]
    length: int | None
    created_at: datetime
    expires_at: datetime
    received: int = 0
    crc32: int = 0
    content_type: str | None = None
    object_key: str | None = None
    multipart_id: str | None = None
    tail_key: str | None = None
    tail_size: int = 0
    finished_at: datetime | None = None
    file_id: UUID | None = None
    part_size: int | None = None

    @property
    def is_full(self) -> bool:
        return self.received == self.length

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def is_direct(self) -> bool:
        return self.part_size is not None

    @property
    def is_partial(self) -> bool:
        return self.concat == PARTIAL

    @property
    def is_final(self) -> bool:
        return self.concat is not None and not self.is_partial


_FIELDS = tuple(Upload.__dataclass_fields__)


def upload_of(row: RowMapping) -> Upload:
    values = {name: row[name] for name in _FIELDS}
    return Upload(**values | {"partials": tuple(row["partials"])})


async def add(tx: AsyncConnection, upload: Upload) -> None:
    values = {name: getattr(upload, name) for name in _FIELDS}
    await tx.execute(insert(resumable_uploads).values(**values | {"partials": list(upload.partials)}))


async def find(tx: AsyncConnection, owner_id: UUID, upload_id: UUID) -> Upload | None:
    return await _one(tx, select(resumable_uploads).where(_column.id == upload_id, _column.owner_id == owner_id))


async def found(tx: AsyncConnection, owner_id: UUID, upload_ids: Sequence[UUID]) -> dict[UUID, Upload]:
    query = select(resumable_uploads).where(_column.id.in_(upload_ids), _column.owner_id == owner_id)
    return {row["id"]: upload_of(row) for row in (await tx.execute(query)).mappings()}


async def announced(tx: AsyncConnection, owner_id: UUID, *, besides: Sequence[UUID]) -> int:
    """The bytes that the owner's uploads will have, or have, as far as they are in no file yet."""
    uncounted = or_(_column.file_id.is_not(None), _column.spent_at.is_not(None))
    query = select(func.coalesce(func.sum(func.coalesce(_column.length, _column.received)), 0)).where(
        _column.owner_id == owner_id, ~uncounted, _column.id.not_in(besides)
    )
    return int((await tx.execute(query)).scalar_one())


async def take_lease(tx: AsyncConnection, upload_id: UUID, token: UUID, lasting: timedelta) -> Upload | None:
    """None while another request has it. By the database's clock, so that replicas need not agree on the time."""
    free = or_(_column.leased_until.is_(None), _column.leased_until < func.clock_timestamp())
    statement = update(resumable_uploads).where(_column.id == upload_id, free)
    statement = statement.values(lease_token=token, leased_until=func.clock_timestamp() + lasting)
    return await _one(tx, statement.returning(resumable_uploads))


async def renew_lease(tx: AsyncConnection, upload_id: UUID, token: UUID, lasting: timedelta) -> None:
    statement = update(resumable_uploads).where(_held(upload_id, token))
    await tx.execute(statement.values(leased_until=func.clock_timestamp() + lasting))


async def release_lease(tx: AsyncConnection, upload_id: UUID, token: UUID) -> None:
    statement = update(resumable_uploads).where(_held(upload_id, token))
    await tx.execute(statement.values(lease_token=None, leased_until=None))


async def change(tx: AsyncConnection, upload_id: UUID, token: UUID, **values: object) -> Upload | None:
    """None, and nothing is changed, if the lease is another's by now or the upload is gone."""
    statement = update(resumable_uploads).where(_held(upload_id, token)).values(values)
    return await _one(tx, statement.returning(resumable_uploads))


async def prolong(tx: AsyncConnection, upload_id: UUID, expires_at: datetime) -> Upload | None:
    return await _one(
        tx,
        update(resumable_uploads)
        .where(_column.id == upload_id)
        .values(expires_at=expires_at)
        .returning(resumable_uploads),
    )


async def claim_part(tx: AsyncConnection, upload_id: UUID, token: UUID) -> int | None:
    """A number that no other part has or will have. None as with `change`."""
    statement = update(resumable_uploads).where(_held(upload_id, token)).values(next_part=_column.next_part + 1)
    number: int | None = (await tx.execute(statement.returning(_column.next_part - 1))).scalar_one_or_none()
    return number


async def is_there(tx: AsyncConnection, upload_id: UUID) -> bool:
    return bool((await tx.execute(select(exists().where(_column.id == upload_id)))).scalar_one())


async def add_parts(tx: AsyncConnection, upload_id: UUID, parts: Sequence[SentPart]) -> None:
    rows = [{"upload_id": upload_id, "number": one.number, "size": one.size, "etag": one.etag} for one in parts]
    if rows:
        await tx.execute(insert(resumable_parts), rows)


async def parts(tx: AsyncConnection, upload_id: UUID) -> Sequence[SentPart]:
    part = resumable_parts.c
    query = select(part.number, part.size, part.etag).where(part.upload_id == upload_id).order_by(part.number)
    return [SentPart(*row) for row in await tx.execute(query)]


async def remove_parts(tx: AsyncConnection, upload_id: UUID) -> None:
    await tx.execute(delete(resumable_parts).where(resumable_parts.c.upload_id == upload_id))


async def spend(tx: AsyncConnection, upload_ids: Sequence[UUID], now: datetime) -> None:
    """What these partial uploads have is in a file now."""
    await tx.execute(update(resumable_uploads).where(_column.id.in_(upload_ids)).values(spent_at=now))


async def remove(tx: AsyncConnection, owner_id: UUID, upload_id: UUID) -> Upload | None:
    statement = delete(resumable_uploads).where(_column.id == upload_id, _column.owner_id == owner_id)
    return await _one(tx, statement.returning(resumable_uploads))


async def remove_expired(tx: AsyncConnection, now: datetime, limit: int) -> Sequence[Upload]:
    """Not those that a request is at just now."""
    free = or_(_column.leased_until.is_(None), _column.leased_until < func.clock_timestamp())
    expired = select(_column.id).where(_column.expires_at <= now, free).order_by(_column.expires_at).limit(limit)
    which = _column.id.in_(expired.with_for_update(skip_locked=True).scalar_subquery())
    rows = await tx.execute(delete(resumable_uploads).where(which).returning(resumable_uploads))
    return [upload_of(row) for row in rows.mappings()]


async def remove_of(tx: AsyncConnection, owner_id: UUID, limit: int) -> Sequence[Upload]:
    """Also those that a request is at."""
    some = select(_column.id).where(_column.owner_id == owner_id).limit(limit)
    rows = await tx.execute(delete(resumable_uploads).where(_column.id.in_(some)).returning(resumable_uploads))
    return [upload_of(row) for row in rows.mappings()]


async def referred(tx: AsyncConnection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that an upload points at."""
    objects = select(_column.object_key).where(_column.object_key.in_(keys))
    tails = select(_column.tail_key).where(_column.tail_key.in_(keys))
    return set((await tx.execute(objects.union(tails))).scalars())


def _held(upload_id: UUID, token: UUID) -> ColumnElement[bool]:
    return and_(_column.id == upload_id, _column.lease_token == token)


async def _one(tx: AsyncConnection, statement: Any) -> Upload | None:
    row = (await tx.execute(statement)).mappings().one_or_none()
    return upload_of(row) if row else None
