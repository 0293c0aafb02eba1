"""SQL on roles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.database.tables import roles


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    scopes: tuple[str, ...]


async def named(tx: AsyncConnection, names: Iterable[str]) -> Sequence[Role]:
    query = select(roles).where(roles.c.name.in_(list(names))).order_by(roles.c.name.desc())
    return [Role(row.name, tuple(row.scopes)) for row in await tx.execute(query)]


async def all_roles(tx: AsyncConnection) -> Sequence[Role]:
    return [Role(row.name, tuple(row.scopes)) for row in await tx.execute(select(roles).order_by(roles.c.name))]


async def put(tx: AsyncConnection, role: Role) -> None:
    statement = insert(roles).values(name=role.name, scopes=list(role.scopes))
    await tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"scopes": list(role.scopes)}))


async def remove(tx: AsyncConnection, name: str) -> bool:
    return (await tx.execute(delete(roles).where(roles.c.name == name))).rowcount == 1


async def lock(tx: AsyncConnection) -> None:
    """Until the transaction ends, nobody else gives a role to somebody or takes one out of existence."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('auth.roles'))"))


async def is_in_use(tx: AsyncConnection, name: str) -> bool:
    query = text("select exists (select from auth.accounts where roles @> array[cast(:name as text)])")
    return bool((await tx.execute(query, {"name": name})).scalar_one())
