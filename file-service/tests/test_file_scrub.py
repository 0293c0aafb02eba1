"""The scrub: stored bytes that changed are found, and nothing else is called damaged."""

import asyncio
import io
import os
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from file_client import FileClient
from minio import Minio
from upkeep_rig import MIB, Rig

from file_service.integrity.pace import Pace
from file_service.integrity.scrub import Scrub
from file_service.settings import FileSettings
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.storage.object_store import StoreUnavailable


@pytest.fixture
async def settings(settings: FileSettings) -> FileSettings:
    """The service's own chores keep out of it."""
    return settings.model_copy(update={"scrub_days": 0, "sweep_hours": 0})


@pytest.fixture
def overwrite(s3: Minio, bucket_name: str) -> Callable[[str, bytes], None]:
    def put(key: str, content: bytes) -> None:
        s3.put_object(bucket_name=bucket_name, object_name=key, data=io.BytesIO(content), length=len(content))

    return put


Overwrite = Callable[[str, bytes], None]


@pytest.mark.parametrize("rot", [b"hellp", b"hell", b"hello!", b""])
async def test_bit_rot_is_found_and_forgotten_when_the_bytes_are_back(
    ada: FileClient, rig: Rig, overwrite: Overwrite, rot: bytes
) -> None:
    for name in ("a", "b"):
        await ada.upload(b"hello", name)
    scrub = rig.scrub()
    overwrite(await rig.key("b"), rot)
    rig.clock.forward(days=31)
    await scrub.turn()
    assert await rig.state() == {"a#1": "right", "b#1": "damaged"}
    ((since,),) = await rig.rows("select damaged_at from files.file_versions where damaged_at is not null")
    rig.clock.forward(days=2)
    await scrub.turn()
    assert await rig.rows("select damaged_at from files.file_versions where damaged_at is not null") == [(since,)]
    overwrite(await rig.key("b"), b"hello")
    rig.clock.forward(days=2)
    await scrub.turn()
    assert await rig.state() == {"a#1": "right", "b#1": "right"}


async def test_an_object_that_is_gone_is_missing_until_it_is_brought_back(
    ada: FileClient, rig: Rig, overwrite: Overwrite
) -> None:
    for name in ("a", "b"):
        await ada.upload(b"hello", name)
    key = await rig.key("a")
    await rig.store.delete([key])
    rig.clock.forward(days=31)
    await rig.scrub().turn()
    assert await rig.state() == {"a#1": "missing", "b#1": "right"}
    overwrite(key, b"hullo")
    rig.clock.forward(days=2)
    await rig.scrub().turn()
    assert await rig.state() == {"a#1": "damaged", "b#1": "right"}


async def test_nothing_is_read_again_before_its_time(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"hello", "a")
    rig.clock.forward(days=29)
    await rig.scrub().turn()
    assert rig.store.gets == []
    rig.clock.forward(days=2)
    await rig.scrub().turn()
    await rig.scrub().turn()
    assert rig.store.gets == [await rig.key("a")]


async def test_a_turn_reads_so_many_bytes_and_the_next_one_goes_on_with_the_oldest(ada: FileClient, rig: Rig) -> None:
    for number in range(5):
        await ada.upload(os.urandom(MIB), f"{number}")
    keys = [await rig.key(f"{number}") for number in range(5)]
    rig.clock.forward(days=31)
    scrub = rig.scrub(bytes_per_turn=2 * MIB)
    await scrub.turn()
    assert rig.store.gets == keys[:2]
    await scrub.turn()
    await rig.scrub(bytes_per_turn=1).turn()
    assert rig.store.gets == keys
    assert rig.counted("scrubbed_bytes_total") == 5 * MIB


async def test_an_object_that_versions_share_is_read_once_for_all_of_them(
    ada: FileClient, rig: Rig, overwrite: Overwrite
) -> None:
    file = (await ada.upload(b"one", "a")).json()
    await ada.upload(b"two", "a")
    await ada.post(f"/files/{file['id']}/restore", {"version": 1})
    rig.clock.forward(days=31)
    overwrite(await rig.key("a", 1), b"eno")
    await rig.scrub().turn()
    assert len(rig.store.gets) == 2
    assert await rig.state() == {"a#1": "damaged", "a#2": "right", "a#3": "damaged"}


async def test_what_is_older_than_checksums_for_zip_gets_one(ada: FileClient, rig: Rig, overwrite: Overwrite) -> None:
    for name in ("a", "b"):
        await ada.upload(b"hello", name)
    await rig.rows("update files.file_versions set crc32 = null")
    overwrite(await rig.key("b"), b"hallo")
    rig.clock.forward(days=31)
    await rig.scrub().turn()
    found = await rig.rows("select path, crc32 from files.files join files.file_versions on file_id = id order by path")
    assert found == [("a", zlib.crc32(b"hello")), ("b", None)]


async def test_a_file_that_is_removed_while_it_is_read_is_no_damage(ada: FileClient, rig: Rig) -> None:
    file = (await ada.upload(b"hello", "a")).json()
    key = await rig.key("a")

    async def remove(_: str) -> None:
        await ada.delete(f"/files/{file['id']}", permanent=True)
        await rig.store.delete([key])

    rig.store.on_get = remove
    rig.clock.forward(days=31)
    await rig.scrub().turn()
    assert rig.store.gets == [key]
    assert await rig.state() == {}


async def test_it_never_waits_for_a_transaction_that_removes_what_was_read(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"hello", "a")
    rig.clock.forward(days=31)
    async with rig.database.begin() as tx:
        await tx.exec_driver_sql("delete from files.file_versions")
        async with asyncio.timeout(20):
            await rig.scrub(bytes_per_turn=1).turn()
        await tx.rollback()
    assert await rig.state() == {"a#1": "right"}


async def test_an_object_that_the_store_has_and_cannot_give_does_not_stop_the_others(ada: FileClient, rig: Rig) -> None:
    for name in ("a", "b"):
        await ada.upload(b"hello", name)
    bad = await rig.key("a")

    async def fail(key: str) -> None:
        if key == bad:
            raise StoreUnavailable

    rig.store.on_get = fail
    rig.clock.forward(days=31)
    await rig.scrub().turn()
    assert await rig.state() == {"a#1": "damaged", "b#1": "right"}
    assert rig.store.gets.count(bad) == 2


async def test_a_hiccup_of_the_store_is_no_damage(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"hello", "a")

    async def fail_once(_: str) -> None:
        rig.store.on_get = None
        raise StoreUnavailable

    rig.store.on_get = fail_once
    rig.clock.forward(days=31)
    await rig.scrub().turn()
    assert await rig.state() == {"a#1": "right"}


async def test_a_store_that_does_not_answer_tells_nothing_of_its_objects(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"hello", "a")
    absent = MinioObjectStore(connect("http://127.0.0.1:1", "key", "secret", "us-east-1"), "bucket")
    rig.clock.forward(days=31)
    scrub = Scrub(rig.database, absent, rig.metrics, Pace(1e12), every=timedelta(days=30), clock=rig.clock)
    with pytest.raises(StoreUnavailable):
        await scrub.turn()
    await absent.aclose()
    assert await rig.state() == {"a#1": "right"}


async def test_two_scrubs_at_once_are_one(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"hello", "a")
    rig.clock.forward(days=31)

    async def another(_: str) -> None:
        rig.store.on_get = None
        async with asyncio.timeout(20):
            await rig.scrub().turn()

    rig.store.on_get = another
    await rig.scrub().turn()
    assert len(rig.store.gets) == 1


async def test_a_scrub_that_is_cancelled_leaves_the_lock_and_no_connection(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"hello", "a")
    rig.clock.forward(days=31)
    reading = asyncio.Event()

    async def stall(_: str) -> None:
        rig.store.on_get = None
        reading.set()
        await asyncio.Event().wait()

    for _ in range(25):  # more than there are connections
        rig.store.on_get = stall
        reading.clear()
        turn = asyncio.create_task(rig.scrub().turn())
        async with asyncio.timeout(20):
            await reading.wait()
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
    await rig.scrub().turn()
    held = "select count(*) from pg_locks join pg_database on oid = database where locktype = 'advisory'"
    assert await rig.rows(f"{held} and datname = current_database()") == [(0,)]
    assert rig.counted("scrubbed_bytes_total") == 5


async def test_the_pace_is_kept_and_idle_time_is_not_made_up_for() -> None:
    now = 1000.0
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    pace = Pace(100, monotonic=lambda: now, sleep=sleep)
    for _ in range(10):
        await pace.spend(50)
    assert waited == pytest.approx([0.5] * 10)
    now += 60
    await pace.spend(200)
    assert waited[-1] == pytest.approx(2)
