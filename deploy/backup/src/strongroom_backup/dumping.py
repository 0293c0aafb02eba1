"""Writes all rows of both services, as they were at one moment, into a snapshot's folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strongroom_backup import catalogue
from strongroom_backup.catalogue import Table
from strongroom_backup.connection import connected
from strongroom_backup.manifest import TableDump
from strongroom_backup.packed import Packed, PackedWriter
from strongroom_backup.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Dump:
    postgresql: str
    revisions: dict[str, str]
    tables: tuple[TableDump, ...]
    sequences: dict[str, int | None]
    wanted: Packed


async def dump(url: str, into: Snapshot, wanted: Path) -> Dump:
    """`wanted` becomes the list of the objects that the rows point at. Raises NotStrongroom.

    PostgreSQL has to keep what was deleted since for as long as this takes, and not for as long as objects are copied.
    """
    async with connected(url) as connection:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            revisions = await catalogue.require_both(connection)
            tables = [await _rows(connection, each, into) for each in await catalogue.tables(connection)]
            objects = await _copied(connection, catalogue.OBJECTS, wanted)
            sequences = await catalogue.sequences(connection)
        version = str(connection.get_settings().server_version)
    return Dump(version, revisions, tuple(tables), sequences, objects)


async def _rows(connection: Any, table: Table, into: Snapshot) -> TableDump:
    packed = await _copied(connection, table.rows, into.rows(table.full_name))
    return TableDump(schema_name=table.schema_name, name=table.name, columns=table.columns, rows=packed)


async def _copied(connection: Any, query: str, path: Path) -> Packed:
    with PackedWriter(path) as writer:
        await connection.copy_from_query(query, output=writer.write)
    return writer.packed
