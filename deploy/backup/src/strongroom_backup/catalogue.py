"""What is in the database: the tables of both services, how they depend on each other, and who points at objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from strongroom_backup.errors import NotStrongroom

SCHEMAS = ("auth", "files")
REVISIONS = "alembic_version"  # recorded by itself, and made by the migrations
SEEDED = ("auth.roles",)  # which the migrations put rows into

# The bytes of an upload that is sent in parts cannot be read before it is finished, so it is as if it had not begun.
_UNREADABLE = "select id from files.resumable_uploads where multipart_id is not null"
LEFT_OUT = {
    "files.resumable_uploads": "multipart_id is not null",
    "files.resumable_parts": f"upload_id in ({_UNREADABLE})",
}

# Every column that points at an object, but for those that another one always points with: `files.object_key` is that
# of a version, and so is what something is derived from. Versions are known to be faulty once that was found out; what
# can be derived again, and what is no file yet, may be missing without anybody having found out.
OBJECTS = """
select key, max(size), max(sha256), bool_or(faulty) from (
    select object_key as key, size, encode(sha256, 'hex') as sha256,
        damaged_at is not null or missing_at is not null as faulty
    from files.file_versions
    union all
    select object_key, size, null, true from files.derived_objects
    union all
    select object_key, null, null, true from files.resumable_uploads where multipart_id is null
    union all
    select tail_key, null, null, true from files.resumable_uploads where multipart_id is null
) as pointed_at where key is not null group by key order by key collate "C"
"""

_TABLES = """
select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relkind = 'r' and n.nspname = any($1) and c.relname <> $2
group by 1 order by 1
"""
_NEEDS = """
select conrelid::regclass::text as name, confrelid::regclass::text as needed
from pg_constraint where contype = 'f' and conrelid <> confrelid and connamespace::regnamespace::text = any($1)
"""
_SEQUENCES = "select schemaname || '.' || sequencename as name, last_value from pg_sequences where schemaname = any($1)"


@dataclass(frozen=True, slots=True)
class Table:
    schema_name: str
    name: str
    columns: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema_name}.{self.name}"

    @property
    def rows(self) -> str:
        """A query for all rows that are backed up."""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        query = f"select {columns} from {self.full_name}"  # noqa: S608 - names out of PostgreSQL's own tables
        left_out = LEFT_OUT.get(self.full_name)
        return query if left_out is None else f"{query} where not ({left_out})"


async def tables(connection: Any) -> Sequence[Table]:
    """Those that others need come first."""
    found = {row["name"]: row["columns"] for row in await connection.fetch(_TABLES, SCHEMAS, REVISIONS)}
    sorter = TopologicalSorter({name: set[str]() for name in found})
    for row in await connection.fetch(_NEEDS, SCHEMAS):
        sorter.add(row["name"], row["needed"])
    return [Table(*_split(name), tuple(found[name])) for name in sorter.static_order()]


def _split(full_name: str) -> tuple[str, str]:
    schema, _, name = full_name.partition(".")
    return schema, name


async def sequences(connection: Any) -> dict[str, int | None]:
    """The last number that each gave out, None before there was one. Never less than what rows of a snapshot have."""
    return {row["name"]: row["last_value"] for row in await connection.fetch(_SEQUENCES, SCHEMAS)}


async def revisions(connection: Any) -> dict[str, str]:
    """By schema; none of one that was never migrated."""
    found = {}
    for schema in SCHEMAS:
        if await connection.fetchval("select to_regclass($1) is not null", f"{schema}.{REVISIONS}"):
            revision = await connection.fetchval(f"select version_num from {schema}.{REVISIONS}")  # noqa: S608
            if revision is not None:
                found[schema] = str(revision)
    return found


async def require_both(connection: Any) -> dict[str, str]:
    """The revisions. Raises NotStrongroom."""
    found = await revisions(connection)
    if missing := [schema for schema in SCHEMAS if schema not in found]:
        raise NotStrongroom(f"The database has no tables of Strongroom in {' and '.join(missing)}")
    return found
