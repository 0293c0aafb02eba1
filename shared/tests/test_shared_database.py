"""The pool of connections: what goes wrong with PostgreSQL has one name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from strongroom.database import Database, DatabaseUnavailable

MIGRATIONS = Path(__file__).parents[2] / "auth-service" / "migrations"


@pytest.fixture
def database_url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


async def test_a_command_that_takes_too_long_is_a_database_that_does_not_answer(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(DatabaseUnavailable):
        await sleep_too_long(database)
    await database.ping()
    await database.aclose()


async def sleep_too_long(database: Database) -> None:
    async with database.begin() as tx:
        driver = (await tx.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute("select pg_sleep(60)", timeout=0.05)
