"""Puts the rows of a snapshot into a database that has the tables and nothing in them: all of them, or none."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from strongroom_backup import catalogue
from strongroom_backup.connection import connected
from strongroom_backup.errors import NotEmpty, WrongRevision
from strongroom_backup.manifest import Manifest, TableDump
from strongroom_backup.snapshot import Snapshot


async def require_empty(url: str) -> None:
    """That no row is there but what migrations make. Raises NotEmpty, NotStrongroom."""
    async with connected(url) as connection:
        await _require_empty(connection)


async def _require_empty(connection: Any) -> None:
    for table in await catalogue.tables(connection):
        if table.full_name in catalogue.SEEDED:
            continue
        if await connection.fetchval(f"select exists (select from {table.full_name})"):  # noqa: S608 - a table's name
            raise NotEmpty(f"There are rows in {table.full_name} already; restore into a new database")


async def load(url: str, snapshot: Snapshot, manifest: Manifest) -> None:
    """In one transaction. Raises NotEmpty, WrongRevision, Damaged, NotStrongroom."""
    async with connected(url) as connection, connection.transaction():
        await _lock(connection, manifest)
        for table in manifest.tables:
            await _fill(connection, snapshot, table)
        for name, last in manifest.sequences.items():
            if last is not None:
                await connection.execute("select setval($1::text::regclass, $2)", name, last)
        for table in manifest.tables:
            # Neither renumbers a trigger what comes back, nor tells anybody of it.
            await connection.execute(f"alter table {table.full_name} enable trigger user")
    async with connected(url) as connection:
        for table in manifest.tables:
            await connection.execute(f"analyze {table.full_name}")


async def _lock(connection: Any, manifest: Manifest) -> None:
    """Nobody else gets at the tables until the end, and they are those that the rows were in."""
    found = await catalogue.require_both(connection)
    if found != manifest.revisions:
        raise WrongRevision(
            f"The tables are at {_told(found)}, and the snapshot at {_told(manifest.revisions)}; name a new database"
        )
    # In the order of their names, as whoever else locks several of them would.
    for table in sorted(manifest.tables, key=lambda one: one.full_name):
        await connection.execute(f"alter table {table.full_name} disable trigger user")
    await _require_empty(connection)


async def _fill(connection: Any, snapshot: Snapshot, table: TableDump) -> None:
    await connection.execute(f"delete from {table.full_name}")  # noqa: S608 - what the migrations have put there
    await connection.copy_to_table(
        table.name, schema_name=table.schema_name, columns=table.columns, source=_rows(snapshot, table)
    )


async def _rows(snapshot: Snapshot, table: TableDump) -> AsyncIterator[bytes]:
    """Raises Damaged, at the latest at the end, and so before anything is committed."""
    for piece in snapshot.read_rows(table):
        yield piece
        await asyncio.sleep(0)


def _told(revisions: dict[str, str]) -> str:
    return ", ".join(f"{schema} {revision}" for schema, revision in sorted(revisions.items()))
