"""SQL on shares."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import files, shares
from file_service.files.repository import File, file_of


@dataclass(frozen=True, slots=True)
class Share:
    """Who may write may read too."""

    id: UUID
    file_id: UUID
    owner_id: UUID
    grantee_id: UUID
    may_write: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SharedFile:
    file: File
    share: Share


async def find(tx: AsyncConnection, file_id: UUID, grantee_id: UUID) -> Share | None:
    query = select(shares).where(shares.c.file_id == file_id, shares.c.grantee_id == grantee_id)
    row = (await tx.execute(query)).mappings().one_or_none()
    return Share(**row) if row else None


async def put(tx: AsyncConnection, share: Share) -> Share:
    """New, or what one that is there may do. The owner is to be locked."""
    statement = insert(shares).values(asdict(share))
    await tx.execute(statement.on_conflict_do_update(constraint="pk_shares", set_={"may_write": share.may_write}))
    return share


async def listed(tx: AsyncConnection, file_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Share]:
    """Newest first."""
    query = select(shares).where(shares.c.file_id == file_id)
    if before is not None:
        query = query.where(shares.c.id < before)
    return [Share(**row) for row in (await tx.execute(query.order_by(shares.c.id.desc()).limit(limit))).mappings()]


async def with_account(
    tx: AsyncConnection, grantee_id: UUID, *, before: UUID | None, limit: int
) -> Sequence[SharedFile]:
    """Newest share first; not what its owner has in the trash."""
    columns = [column.label(f"share_{column.name}") for column in shares.c]
    query = select(files, *columns).join_from(shares, files, files.c.id == shares.c.file_id)
    query = query.where(shares.c.grantee_id == grantee_id, files.c.trashed_at.is_(None))
    if before is not None:
        query = query.where(shares.c.id < before)
    rows = await tx.execute(query.order_by(shares.c.id.desc()).limit(limit))
    return [SharedFile(file_of(row), _prefixed(row)) for row in rows.mappings()]


async def owner(tx: AsyncConnection, account_id: UUID, file_id: UUID, share_id: UUID) -> UUID | None:
    """Of a share that concerns the account. Also of a file in the trash, which would come back shared."""
    either = or_(shares.c.owner_id == account_id, shares.c.grantee_id == account_id)
    query = select(shares.c.owner_id).where(shares.c.id == share_id, shares.c.file_id == file_id, either)
    return (await tx.execute(query)).scalar_one_or_none()


async def given_to(tx: AsyncConnection, grantee_id: UUID, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Some of the shares with that account: their owners and ids."""
    query = select(shares.c.owner_id, shares.c.id).where(shares.c.grantee_id == grantee_id)
    return [(row.owner_id, row.id) for row in await tx.execute(query.order_by(shares.c.id).limit(limit))]


async def remove(tx: AsyncConnection, share_id: UUID) -> bool:
    return (await tx.execute(delete(shares).where(shares.c.id == share_id))).rowcount > 0


def _prefixed(row: RowMapping) -> Share:
    return Share(**{column.name: row[f"share_{column.name}"] for column in shares.c})
