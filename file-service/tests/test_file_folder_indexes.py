"""The indexes that whoever has many files makes before an upgrade are those that the migration would make."""

import asyncio
import re
from pathlib import Path

import asyncpg

from strongroom.database.migrations import migrate

ROOT = Path(__file__).parents[2]
_INDEXES = "select indexname, indexdef from pg_indexes where indexname like 'ix_files_folder%' order by 1"
_OIDS = "select oid from pg_class where relname like 'ix_files_folder%' order by 1"
_INVALID = "select count(*) from pg_index where not indisvalid"


async def test_made_by_hand_before_they_are_the_same_and_left_alone(database_url: str) -> None:
    by_hand = re.findall(r"create index concurrently if not exists ix_[^;]+;", (ROOT / "docs/upgrades.md").read_text())
    connection = await asyncpg.connect(database_url)
    try:
        made_by_migration = await connection.fetch(_INDEXES)
        for name, _ in made_by_migration:
            await connection.execute(f"drop index files.{name}")
        await connection.execute("update files.alembic_version set version_num = '0011'")
        for statement in by_hand:
            await connection.execute(statement)
        made = await connection.fetch(_OIDS)
        await asyncio.to_thread(migrate, ROOT / "file-service/migrations", database_url)
        assert len(made_by_migration) == 5
        assert await connection.fetch(_INDEXES) == made_by_migration
        assert await connection.fetchval(_INVALID) == 0
        assert await connection.fetch(_OIDS) == made
    finally:
        await connection.close()
