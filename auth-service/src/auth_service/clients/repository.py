"""SQL on clients."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import clients


@dataclass(frozen=True, slots=True)
class Client:
    """Without a `secret_digest` it is a public client (RFC 6749 §2.1): an app on people's devices keeps no secret.

    One that nobody registered is `built_in`, by that name. Without `scopes` it may have whatever a person has.
    """

    id: UUID
    name: str
    secret_digest: bytes | None
    scopes: tuple[str, ...] | None
    redirect_uris: tuple[str, ...]
    created_at: datetime
    built_in: str | None = None

    @property
    def client_id(self) -> str:
        """What it calls itself, and its tokens it."""
        return self.built_in or str(self.id)


def _client(row: RowMapping) -> Client:
    return Client(
        id=row["id"],
        name=row["name"],
        secret_digest=row["secret_digest"],
        scopes=tuple(row["scopes"]),
        redirect_uris=tuple(row["redirect_uris"]),
        created_at=row["created_at"],
    )


async def add(tx: AsyncConnection, client: Client) -> None:
    await tx.execute(
        insert(clients).values(
            id=client.id,
            name=client.name,
            secret_digest=client.secret_digest,
            scopes=list(client.scopes or ()),
            redirect_uris=list(client.redirect_uris),
            created_at=client.created_at,
        )
    )


async def stand_in(tx: AsyncConnection, client: Client) -> None:
    """A row for what refers to a built-in client, if there is none yet. It lets nobody in: addresses it has none."""
    empty = {"name": client.name, "scopes": [], "redirect_uris": [], "created_at": client.created_at}
    await tx.execute(upsert(clients).values(id=client.id, **empty).on_conflict_do_nothing())


async def by_id(tx: AsyncConnection, client_id: UUID) -> Client | None:
    row = (await tx.execute(select(clients).where(clients.c.id == client_id))).mappings().one_or_none()
    return _client(row) if row else None


async def listed(tx: AsyncConnection, *, but: Collection[UUID], after: UUID | None, limit: int) -> Sequence[Client]:
    """Oldest first."""
    query = select(clients).where(clients.c.id.not_in(but)).order_by(clients.c.id).limit(limit)
    if after:
        query = query.where(clients.c.id > after)
    return [_client(row) for row in (await tx.execute(query)).mappings()]


async def set_secret(tx: AsyncConnection, client_id: UUID, secret_digest: bytes) -> None:
    await tx.execute(update(clients).where(clients.c.id == client_id).values(secret_digest=secret_digest))


async def remove(tx: AsyncConnection, client_id: UUID) -> bool:
    return (await tx.execute(delete(clients).where(clients.c.id == client_id))).rowcount == 1
