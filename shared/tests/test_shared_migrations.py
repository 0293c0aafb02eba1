"""Migrations beside services that go on working, and beside those of another release."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from strongroom.database.migrations import migrate

MIGRATIONS = Path(__file__).parents[2] / "file-service" / "migrations"
EARLIER = "0008"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a release had them that knew the first few. The next one changes a table that these made."""
    folder = shutil.copytree(MIGRATIONS, tmp_path_factory.mktemp("earlier") / "migrations")
    for script in (folder / "versions").glob("*.py"):
        if script.name[:4] > EARLIER:
            script.unlink()
    return Path(folder)


@pytest.fixture
def database_of_earlier(earlier: Path, make_database: Callable[[Path], str]) -> str:
    return make_database(earlier)


@pytest.fixture
def database(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


async def revision(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("select version_num from files.alembic_version"))
    finally:
        await connection.close()


async def until_somebody_waits_for_owners(connection: asyncpg.Connection) -> None:
    waiting = "select 1 from pg_locks where relation = 'files.owners'::regclass and not granted"
    async with asyncio.timeout(30):
        while await connection.fetchval(waiting) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_whoever_wants_a_table_passes_a_migration_that_waits_for_it(database_of_earlier: str) -> None:
    reading, other = await asyncpg.connect(database_of_earlier), await asyncpg.connect(database_of_earlier)
    try:
        # As a backup does, for as long as the rows are read.
        lengthy = reading.transaction()
        await lengthy.start()
        await reading.execute("lock table files.owners in access share mode")
        migrating = asyncio.create_task(asyncio.to_thread(migrate, MIGRATIONS, database_of_earlier))
        await until_somebody_waits_for_owners(other)
        async with asyncio.timeout(30):
            await other.fetch("select * from files.owners")
        assert await revision(database_of_earlier) == EARLIER
        assert not migrating.done()
        await lengthy.commit()
        await migrating
        assert await revision(database_of_earlier) > EARLIER
    finally:
        await reading.close()
        await other.close()


def test_a_release_that_one_goes_back_to_leaves_later_tables_alone(earlier: Path, database: str) -> None:
    before = asyncio.run(revision(database))
    migrate(earlier, database)
    assert asyncio.run(revision(database)) == before > EARLIER
