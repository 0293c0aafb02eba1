"""An account whose tree is being changed for long holds up itself, and nobody else."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from file_client import FileClient

from file_service.usage.errors import OwnerBusy
from file_service.usage.service import Quotas
from file_service.usage.turns import Turns
from strongroom.database import Database


@pytest.fixture
def patient_owners() -> None:
    """Here they are as they are."""


@asynccontextmanager
async def locked(database: Database, owner: FileClient) -> AsyncIterator[None]:
    async with database.begin() as tx:
        query = "select 1 from files.owners where owner_id = $1 for update"
        await tx.exec_driver_sql(query, (UUID(owner.account),))
        yield


async def test_who_waits_too_long_is_told_to_come_again(ada: FileClient, database: Database) -> None:
    await ada.put("a/b", b"x")
    async with locked(database, ada):
        began = time.monotonic()
        answer = await ada.delete("/files/folders/a")
        assert time.monotonic() - began > 1
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:problem-type:strongroom:owner-busy"
    assert (await ada.delete("/files/folders/a")).json() == {"file_count": 1}


async def test_however_many_wait_for_one_owner_the_others_are_served(
    client_of: Callable[..., FileClient], database: Database
) -> None:
    ada, eve = client_of(), client_of(sub=str(uuid4()))
    await ada.put("a/b", b"x")
    async with locked(database, ada):
        waiting = [asyncio.create_task(ada.delete("/files/folders/a")) for _ in range(40)]
        async with asyncio.timeout(20):
            while await waiters(database) < 4:
                pass
        assert (await eve.put("mine", b"x")).status_code == 201
        assert (await eve.get("/files")).status_code == 200
        assert await waiters(database) <= 4
        answers = await asyncio.gather(*waiting)
    assert {answer.json()["type"] for answer in answers} == {"urn:problem-type:strongroom:owner-busy"}


async def waiters(database: Database) -> int:
    async with database.reading() as connection:
        query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        return int((await connection.exec_driver_sql(query)).scalar_one())


async def test_only_the_wait_for_the_owner_is_short(ada: FileClient, database: Database) -> None:
    async with Quotas(database, default=1).changing(UUID(ada.account)) as (tx, _):
        assert (await tx.exec_driver_sql("show lock_timeout")).scalar_one() == "0"


async def test_turns_are_few_and_forgotten_when_nobody_waits() -> None:
    turns = Turns(patience=0.05)
    await asyncio.create_task(wait_in_vain(turns))  # which is forgotten with all that it held
    gc.collect()
    assert len(turns._turns) == 0


async def wait_in_vain(turns: Turns) -> None:
    owner = uuid4()
    async with turns.of(owner), turns.of(owner), turns.of(owner), turns.of(owner):
        with pytest.raises(OwnerBusy):
            async with turns.of(owner):
                pass
        async with turns.of(uuid4()):
            pass
    async with turns.of(owner):
        assert len(turns._turns) > 0
