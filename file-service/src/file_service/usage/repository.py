"""SQL on owners: what they keep, and their quotas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Function, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import owners
from file_service.usage.errors import OwnerBusy, OwnerGone

_PATIENCE, _FOR_EVER = "2s", "0"
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Kept:
    """`bytes` of all versions, the trash included; `quota` is None where the default one holds."""

    bytes: int
    count: int
    quota: int | None


async def lock(tx: AsyncConnection, owner_id: UUID) -> Kept:
    """Until the transaction ends nobody else changes this owner's tree, usage or quota. Raises OwnerBusy, OwnerGone."""
    kept, purged_at = await _locked(tx, owner_id, null())
    if purged_at is not None:
        raise OwnerGone
    return kept


async def lock_for_purge(tx: AsyncConnection, owner_id: UUID) -> None:
    """As `lock`, and from its commit on nobody else locks this owner: the row stays and says so. Raises OwnerBusy."""
    await _locked(tx, owner_id, func.now())


async def _locked(tx: AsyncConnection, owner_id: UUID, purged_at: ColumnElement[Any]) -> tuple[Kept, datetime | None]:
    # In one statement, so in one round trip: what it selects from is set before the row, what it returns behind it.
    row = select(literal(owner_id), literal(0), literal(0), purged_at).select_from(_lock_timeout(_PATIENCE).alias())
    statement = upsert(owners).from_select(["owner_id", "bytes", "file_count", "purged_at"], row)
    first = {"purged_at": func.coalesce(owners.c.purged_at, purged_at)}
    statement = statement.on_conflict_do_update(index_elements=["owner_id"], set_=first)
    columns = (owners.c.bytes, owners.c.file_count, owners.c.quota, owners.c.purged_at, _lock_timeout(_FOR_EVER))
    try:
        *kept, gone_since, _ = (await tx.execute(statement.returning(*columns))).one()
        return Kept(*kept), gone_since
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise OwnerBusy from error
        raise


async def find(tx: AsyncConnection, owner_id: UUID) -> Kept:
    columns = (owners.c.bytes, owners.c.file_count, owners.c.quota)
    row = (await tx.execute(select(*columns).where(owners.c.owner_id == owner_id))).one_or_none()
    return Kept(row.bytes, row.file_count, row.quota) if row else Kept(0, 0, None)


async def add(tx: AsyncConnection, owner_id: UUID, *, bytes_: int, files: int) -> None:
    """Negative numbers for what has gone. The owner is to be locked."""
    # Not below zero: what goes may never have been charged, until the recount comes to it.
    count, size = owners.c.file_count + files, owners.c.bytes + bytes_
    await _set(tx, owner_id, bytes=func.greatest(0, size), file_count=func.greatest(0, count))


async def set_kept(tx: AsyncConnection, owner_id: UUID, *, bytes_: int, files: int) -> None:
    """What was counted anew. The owner is to be locked."""
    await _set(tx, owner_id, bytes=bytes_, file_count=files)


async def set_quota(tx: AsyncConnection, owner_id: UUID, quota: int | None) -> None:
    await _set(tx, owner_id, quota=quota)


async def gone_with_files(tx: AsyncConnection) -> Sequence[UUID]:
    query = select(owners.c.owner_id).where(owners.c.purged_at.is_not(None), owners.c.file_count > 0)
    return (await tx.execute(query)).scalars().all()


async def forget(tx: AsyncConnection, owner_id: UUID) -> None:
    """What was counted, and the quota. The owner is to be locked."""
    await _set(tx, owner_id, bytes=0, file_count=0, quota=None, last_event=0)


async def _set(tx: AsyncConnection, owner_id: UUID, **values: object) -> None:
    await tx.execute(update(owners).where(owners.c.owner_id == owner_id).values(values))


def _lock_timeout(duration: str) -> Function[str]:
    return func.set_config("lock_timeout", duration, True)
