"""Fills the tables with as many files as it takes to see which queries grow with them."""

from uuid import UUID

import asyncpg

_FILES = """
    insert into files.files (id, owner_id, path, version, object_key, size, sha256, content_type, name_key, words, tags,
        created_at, updated_at)
    select uuidv7(make_interval(secs => n - 2000000)), $1::uuid, $3 || n % 1000 || '/' || name, 1,
        $1::uuid::text || '/' || $3 || n, (n::bigint * 7919) % 1000003, sha256(n::text::bytea),
        case when n % 5 = 0 then 'image/png' else 'text/plain' end, name,
        to_tsvector('simple', replace(name, '-', ' ')),
        case when n % 1000 = 0 then '{rare,common}'::text[] when n % 3 = 0 then '{common}' else '{}' end,
        now() - make_interval(secs => n), now() - make_interval(secs => (n::bigint * 31) % 1000003)
    from (select n, 'file-' || n || '-' || left(md5(n::text), 8) as name from generate_series(1, $2::integer) n) named
"""
_VERSIONS = """
    insert into files.file_versions (file_id, version, object_key, size, sha256, content_type, created_at, verified_at)
    select id, 1, object_key, size, sha256, content_type, created_at, created_at from files.files where owner_id = $1
    on conflict do nothing
"""
_OWNER = """
    insert into files.owners (owner_id, bytes, file_count)
    select owner_id, sum(size), count(*) from files.files where owner_id = $1 group by owner_id
    on conflict (owner_id) do update set bytes = excluded.bytes, file_count = excluded.file_count
"""


# As it is where nothing else is: those of one folder, whatever lies beside or below it.
_GATHERED = "update files.files set path = $2 || '/' || name_key where owner_id = $1 and starts_with(path, $3)"
_PASSING = "passing"


async def fill(dsn: str, owner: UUID, count: int, *, under: str = "folder") -> None:
    """So many files of that owner, in a thousand folders, with names, tags and types of every frequency."""
    connection = await asyncpg.connect(dsn.replace("+asyncpg", ""), command_timeout=900)
    try:
        await connection.execute(_FILES, owner, count, under)
        await connection.execute(_VERSIONS, owner)
        await connection.execute(_OWNER, owner)
    finally:
        await connection.close()


async def gather(dsn: str, owner: UUID, folder: str, count: int) -> None:
    """So many files directly in that folder."""
    await fill(dsn, owner, count, under=_PASSING)
    connection = await asyncpg.connect(dsn.replace("+asyncpg", ""), command_timeout=900)
    try:
        await connection.execute(_GATHERED, owner, folder, _PASSING)
    finally:
        await connection.close()


async def analyze(dsn: str) -> None:
    """As autovacuum would by and by."""
    connection = await asyncpg.connect(dsn.replace("+asyncpg", ""), command_timeout=900)
    await connection.execute("vacuum analyze files.files")
    await connection.execute("vacuum analyze files.file_versions")
    await connection.close()
