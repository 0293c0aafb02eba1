"""While a backup is under way no object goes, and afterwards those go that were to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import pytest
from file_client import FileClient
from leftovers import Leftovers
from upkeep_rig import Rig

from file_service.files.freeing import FREE_OBJECTS, Freeing
from file_service.settings import FileSettings
from strongroom.database import Database
from strongroom.database.backup_hold import NAME
from strongroom.database.job_worker import Job, NotYet
from strongroom.database.jobs import JobQueue


@pytest.fixture
async def settings(settings: FileSettings) -> FileSettings:
    """The service's own chores keep out of it."""
    return settings.model_copy(update={"scrub_days": 0, "sweep_hours": 0})


@asynccontextmanager
async def backup(url: str) -> AsyncIterator[None]:
    """What a backup holds while it is under way."""
    connection = await asyncpg.connect(url)
    await connection.execute("select pg_advisory_lock(hashtextextended($1, 0))", NAME)
    try:
        yield
    finally:
        await connection.close()


async def test_what_is_to_be_freed_waits_for_the_end_of_a_backup(
    ada: FileClient, rig: Rig, database: Database, database_url: str, leftovers: Leftovers
) -> None:
    await ada.upload(b"kept", "a")
    keys = leftovers.objects()
    freeing = Freeing(database, JobQueue(database, "files"), rig.store)
    job = Job(1, FREE_OBJECTS, {"keys": list(keys)}, 0, datetime.now(UTC))
    async with backup(database_url):
        with pytest.raises(NotYet, match="backup-under-way"):
            await freeing.free(job)
        assert leftovers.objects() == keys
    await freeing.free(job)
    assert leftovers.objects() == set()


async def test_orphans_that_a_backup_may_need_stay_until_a_later_round(
    ada: FileClient, rig: Rig, database_url: str, leftovers: Leftovers
) -> None:
    await ada.upload(b"kept", "a")
    kept = leftovers.objects()

    async def content() -> AsyncIterator[bytes]:
        yield b"orphan"

    await rig.store.put("0000/orphan", content())
    rig.clock.forward(hours=30)
    async with backup(database_url):
        await rig.sweep().turn()
    assert leftovers.objects() == kept | {"0000/orphan"}
    rig.clock.forward(hours=7)
    await rig.sweep().turn()
    assert leftovers.objects() == kept
