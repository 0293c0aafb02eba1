"""Retention: old trash and old versions go for good, nothing else does, and usage adds up afterwards."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from file_client import FileClient
from leftovers import Leftovers
from moving_clock import MovingClock

from file_service.files.freeing import Freeing
from file_service.files.removal import Removal
from file_service.retention import repository, service
from file_service.retention.service import Kept, Retention
from file_service.settings import FileSettings
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.usage.service import Quotas
from strongroom.database import Database
from strongroom.database.jobs import JobQueue

EVERYTHING = Kept(trash=None, versions=None, old_versions=None)
TRASH = Kept(trash=timedelta(days=30), versions=None, old_versions=None)


@pytest.fixture
async def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"trash_days": 0, "keep_versions": 0})


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def retention(database: Database, store: MinioObjectStore, clock: MovingClock) -> Callable[[Kept], Retention]:
    quotas = Quotas(database, default=10**12)
    freeing = Freeing(database, JobQueue(database, "files"), store)

    def make(kept: Kept) -> Retention:
        return Retention(database, quotas, Removal(quotas, freeing), freeing, kept, clock=clock)

    return make


Make = Callable[[Kept], Retention]


async def upload(client: FileClient, name: str, *sizes: int) -> str:
    """The file's id. Each size is a version."""
    answers = [await client.upload(b"x" * size, name) for size in sizes]
    return str(answers[-1].json()["id"])


async def versions(client: FileClient, file_id: str) -> list[int]:
    answer = await client.get(f"/files/{file_id}/versions", limit=1000)
    return [version["version"] for version in answer.json()["items"]]


async def really_kept(database: Database, client: FileClient) -> tuple[int, int]:
    """What `usage` should tell, counted anew."""
    async with database.reading() as connection:
        query = (
            "select coalesce(sum(v.size), 0)::bigint, count(distinct f.id)"
            " from files.files f join files.file_versions v on v.file_id = f.id where f.owner_id = $1"
        )
        return tuple((await connection.exec_driver_sql(query, (client.account,))).one())


async def test_trash_goes_after_its_days_and_files_never(
    client_of: Callable[..., FileClient],
    retention: Make,
    clock: MovingClock,
    database: Database,
    leftovers: Leftovers,
) -> None:
    ada, eve = client_of(), client_of(sub=str(uuid4()))
    for client in (ada, eve):
        await upload(client, "kept", 1, 2)
        await client.delete(f"/files/{await upload(client, 'trashed', 3, 4)}")
    clock.forward(days=29.9)
    await retention(TRASH).turn()
    assert await ada.usage() == (10, 2)
    clock.forward(days=0.2)
    await retention(TRASH).turn()
    for client in (ada, eve):
        assert await client.usage() == await really_kept(database, client) == (3, 1)
        assert (await client.get("/files", trashed=True)).json()["items"] == []
    assert await leftovers.freed() == await leftovers.rows()
    assert len(leftovers.objects()) == 4


async def test_portions_are_bounded_and_each_is_whole(
    ada: FileClient, retention: Make, clock: MovingClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_FILES_AT_ONCE", 2)
    monkeypatch.setattr(service, "_VERSIONS_AT_ONCE", 2)
    for number in range(5):
        await ada.delete(f"/files/{await upload(ada, f'trashed {number}', 10)}")
    files = [await upload(ada, f"many {number}", *range(1, 9)) for number in range(3)]
    clock.forward(days=31)
    await retention(Kept(timedelta(days=30), 2, None)).turn()
    assert [await versions(ada, file) for file in files] == [[8, 7]] * 3
    assert await ada.usage() == await really_kept(database, ada) == (45, 3)


async def test_a_file_that_is_recovered_in_the_last_moment_stays(
    ada: FileClient, retention: Make, clock: MovingClock, database: Database
) -> None:
    file = await upload(ada, "a", 5)
    await ada.delete(f"/files/{file}")
    clock.forward(days=31)
    async with database.begin() as tx:
        await tx.exec_driver_sql("select 1 from files.owners for update")
        turn = asyncio.create_task(retention(TRASH).turn())
        async with asyncio.timeout(20):
            while not await waiting(database):
                pass
        await tx.exec_driver_sql("update files.files set trashed_at = null")
    await turn
    assert (await ada.get(f"/files/{file}/download")).content == b"x" * 5
    assert await ada.usage() == (5, 1)


async def waiting(database: Database) -> bool:
    """Whether somebody waits for a row to be free."""
    async with database.reading() as connection:
        query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        return bool((await connection.exec_driver_sql(query)).scalar_one())


@pytest.mark.parametrize(("keep", "left"), [(1, [6]), (2, [6, 5]), (5, [6, 5, 4, 3, 2]), (6, [6, 5, 4, 3, 2, 1])])
async def test_the_newest_versions_are_kept_and_always_the_current_one(
    ada: FileClient,
    retention: Make,
    clock: MovingClock,
    database: Database,
    leftovers: Leftovers,
    keep: int,
    left: list[int],
) -> None:
    file = await upload(ada, "a", 1, 2, 3, 4, 5, 6)
    other = await upload(ada, "other", 7)
    clock.forward(days=4000)
    await retention(Kept(None, keep, None)).turn()
    await retention(Kept(None, keep, None)).turn()
    assert await versions(ada, file) == left
    assert await versions(ada, other) == [1]
    assert await ada.usage() == await really_kept(database, ada) == (sum(left) + 7, 2)
    assert await leftovers.freed() == await leftovers.rows()
    assert (await ada.get(f"/files/{file}/download")).content == b"x" * 6


async def test_a_version_that_shares_its_bytes_with_one_that_goes_keeps_them(
    ada: FileClient, retention: Make, database: Database, leftovers: Leftovers
) -> None:
    file = await upload(ada, "a", 1, 2)
    await ada.post(f"/files/{file}/restore", {"version": 1})
    await retention(Kept(None, 1, None)).turn()
    assert await versions(ada, file) == [3]
    assert await leftovers.freed() == await leftovers.rows()
    assert (await ada.get(f"/files/{file}/download")).content == b"x"
    assert await ada.usage() == await really_kept(database, ada) == (1, 1)


async def test_versions_go_so_many_days_after_they_were_succeeded_not_made(
    ada: FileClient, retention: Make, clock: MovingClock, database: Database
) -> None:
    file = await upload(ada, "a", 1, 2, 3, 4)
    for number, days in ((1, 100), (2, 50), (3, 40), (4, 1)):
        await backdate(database, number, days)
    kept = Kept(None, None, timedelta(days=45))
    await retention(kept).turn()
    # 45 days ago the second one was current: it is still there for who goes back to then.
    assert await versions(ada, file) == [4, 3, 2]
    clock.forward(days=10)
    await retention(kept).turn()
    assert await versions(ada, file) == [4, 3]
    clock.forward(days=1000)
    await retention(kept).turn()
    assert await versions(ada, file) == [4]
    assert await ada.usage() == await really_kept(database, ada) == (4, 1)


async def backdate(database: Database, number: int, days: int) -> None:
    async with database.begin() as tx:
        statement = "update files.file_versions set created_at = now() - make_interval(days => $1) where version = $2"
        await tx.exec_driver_sql(statement, (days, number))


@pytest.mark.parametrize("kept", [EVERYTHING, Kept(timedelta(days=10_000), 100, timedelta(days=10_000))])
async def test_what_is_turned_off_or_not_due_removes_nothing(
    ada: FileClient, retention: Make, clock: MovingClock, kept: Kept
) -> None:
    file = await upload(ada, "a", 1, 2, 3)
    await ada.delete(f"/files/{await upload(ada, 'b', 4)}")
    clock.forward(days=5000)
    await retention(kept).turn()
    assert await versions(ada, file) == [3, 2, 1]
    assert await ada.usage() == (10, 2)


async def test_both_limits_of_versions_hold(ada: FileClient, retention: Make, database: Database) -> None:
    file = await upload(ada, "a", *range(1, 8))
    for number, days in ((1, 100), (2, 90), (3, 80), (4, 4), (5, 3), (6, 2), (7, 1)):
        await backdate(database, number, days)
    await retention(Kept(None, 6, timedelta(days=30))).turn()
    assert await versions(ada, file) == [7, 6, 5, 4, 3]
    await retention(Kept(None, 2, timedelta(days=30))).turn()
    assert await versions(ada, file) == [7, 6]


async def test_two_turns_at_once_and_uploads_meanwhile_add_up(
    ada: FileClient, retention: Make, clock: MovingClock, database: Database, leftovers: Leftovers
) -> None:
    files = [await upload(ada, f"{number}", 1, 2, 3) for number in range(4)]
    for file in files[:2]:
        await ada.delete(f"/files/{file}")
    clock.forward(days=31)
    kept = Kept(timedelta(days=30), 2, None)
    uploads: list[Any] = [upload(ada, f"{number}", 4, 5) for number in range(4)]
    await asyncio.gather(retention(kept).turn(), retention(kept).turn(), *uploads)
    await retention(kept).turn()
    assert await ada.usage() == await really_kept(database, ada) == (36, 4)
    assert await leftovers.freed() == await leftovers.rows()


async def test_files_that_have_nothing_to_remove_are_not_even_looked_at(
    ada: FileClient, retention: Make, database: Database
) -> None:
    await upload(ada, "a", 1, 2)
    await upload(ada, "b", 1)
    long_ago = MovingClock()() - timedelta(days=1)
    async with database.reading() as connection:
        found = await repository.with_old_versions(connection, 2, long_ago, after=service._FIRST, limit=10)
    assert found == []


@pytest.mark.usefixtures("impatient_owners")
async def test_an_owner_whose_turn_fails_holds_up_nobody(
    client_of: Callable[..., FileClient], retention: Make, clock: MovingClock, database: Database
) -> None:
    first, second = client_of(sub=str(UUID(int=1))), client_of(sub=str(UUID(int=2)))
    for client in (first, second):
        await upload(client, "versions", 1, 2)
        await client.delete(f"/files/{await upload(client, 'trash', 4)}")
    clock.forward(days=31)
    async with database.begin() as tx:
        await tx.exec_driver_sql("select 1 from files.owners where owner_id = $1 for update", (UUID(int=1),))
        await retention(Kept(timedelta(days=30), 1, None)).turn()
    assert [await client.usage() for client in (first, second)] == [(7, 2), (2, 1)]
    await retention(Kept(timedelta(days=30), 1, None)).turn()
    assert await first.usage() == (2, 1)
