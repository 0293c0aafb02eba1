"""SQL on owners: what they keep, and their quotas."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import owners


@dataclass(frozen=True, slots=True)
class Kept:
    """`bytes` of all versions, the trash included; `quota` is None where the default one holds."""

    bytes: int
    count: int
    quota: int | None


async def lock(tx: AsyncConnection, owner_id: UUID) -> Kept:
    """Until the transaction ends nobody else changes this owner's tree, usage or quota."""
    statement = upsert(owners).values(owner_id=owner_id, bytes=0, file_count=0)
    statement = statement.on_conflict_do_update(index_elements=["owner_id"], set_={"owner_id": owner_id})
    row = (await tx.execute(statement.returning(owners.c.bytes, owners.c.file_count, owners.c.quota))).one()
    return Kept(row.bytes, row.file_count, row.quota)


async def find(tx: AsyncConnection, owner_id: UUID) -> Kept:
    columns = (owners.c.bytes, owners.c.file_count, owners.c.quota)
    row = (await tx.execute(select(*columns).where(owners.c.owner_id == owner_id))).one_or_none()
    return Kept(row.bytes, row.file_count, row.quota) if row else Kept(0, 0, None)


async def add(tx: AsyncConnection, owner_id: UUID, *, bytes_: int, files: int) -> None:
    """Negative numbers for what has gone. The owner is to be locked."""
    changed = {"bytes": owners.c.bytes + bytes_, "file_count": owners.c.file_count + files}
    await tx.execute(update(owners).where(owners.c.owner_id == owner_id).values(changed))


async def set_quota(tx: AsyncConnection, owner_id: UUID, quota: int | None) -> None:
    await tx.execute(update(owners).where(owners.c.owner_id == owner_id).values(quota=quota))
