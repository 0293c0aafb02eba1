"""Defines roles; a role is a name for a set of scopes."""

from collections.abc import Sequence
from uuid import UUID

from auth_service.audit import repository as audit
from auth_service.roles import repository
from auth_service.roles.errors import BuiltInRole, RoleInUse, RoleNotFound, UnknownRole
from auth_service.roles.repository import Role
from strongroom.database import Database, Transaction

# What everybody has, and what administers: without them the service cannot be used.
BUILT_IN = frozenset({"user", "admin"})


class Roles:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def scopes_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """All that the roles allow together, each scope once."""
        async with self._database.reading() as connection:
            found = await repository.named(connection, names)
        return tuple(dict.fromkeys(scope for role in found for scope in role.scopes))

    async def listed(self) -> Sequence[Role]:
        async with self._database.reading() as connection:
            return await repository.all_roles(connection)

    async def put(self, role: Role, actor: UUID) -> None:
        """Makes or changes one. Raises BuiltInRole."""
        if role.name in BUILT_IN:
            raise BuiltInRole
        async with self._database.begin() as tx:
            await repository.put(tx, role)
            await audit.record(tx, "role.put", actor_id=actor, role=role.name, scopes=list(role.scopes))

    async def remove(self, name: str, actor: UUID) -> None:
        """Raises RoleNotFound, RoleInUse, BuiltInRole."""
        if name in BUILT_IN:
            raise BuiltInRole
        async with self._database.begin() as tx:
            await repository.lock(tx)
            if await repository.is_in_use(tx, name):
                raise RoleInUse
            if not await repository.remove(tx, name):
                raise RoleNotFound
            await audit.record(tx, "role.removed", actor_id=actor, role=name)

    async def require(self, tx: Transaction, names: Sequence[str]) -> None:
        """Until the transaction ends, they all exist. Raises UnknownRole."""
        await repository.lock(tx)
        missing = set(names) - {role.name for role in await repository.named(tx, names)}
        if missing:
            raise UnknownRole(", ".join(sorted(missing)))
