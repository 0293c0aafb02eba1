"""Puts a folder of many files into the database of the embedded stack, as no test could upload them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
from stack import Stack

_FILES = """
    insert into files.files (id, owner_id, path, version, object_key, size, sha256, content_type, name_key, words, tags,
        created_at, updated_at)
    select uuidv7(make_interval(secs => n - 2000000)), $1::uuid, $2 || '/' || name, 1, $1::text || '/many' || n,
        (n::bigint * 7919) % 1000003, sha256(n::text::bytea), 'text/plain', name, to_tsvector('simple', name), '{}',
        now() - make_interval(secs => n), now() - make_interval(secs => n)
    from (select n, 'file-' || lpad(n::text, 6, '0') || '.txt' as name from generate_series(1, $3::integer) n) named
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


async def _fill(dsn: str, owner: str, folder: str, count: int) -> None:
    connection = await asyncpg.connect(dsn, command_timeout=300)
    try:
        await connection.execute(_FILES, owner, folder, count)
        await connection.execute(_VERSIONS, owner)
        await connection.execute(_OWNER, owner)
        await connection.execute("vacuum analyze files.files")
    finally:
        await connection.close()


def fill_folder(stack: Stack, owner: str, folder: str, count: int) -> None:
    """`file-000001.txt` and so on. In a thread of its own: a browser's loop may run in this one."""
    dsn = stack.service("file_service").environ()["STRONGROOM_DATABASE_URL"].replace("+asyncpg", "")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_fill(dsn, owner, folder, count))).result()
