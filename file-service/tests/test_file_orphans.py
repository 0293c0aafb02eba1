"""The sweep: objects that nothing points at go, in time; what is pointed at stays; what is missing is reported."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import uuid4

import asyncpg
import pytest
from file_client import FileClient
from leftovers import Leftovers
from minio import Minio
from upkeep_rig import Rig
from uuid_utils.compat import uuid7

from file_service.integrity import repository
from file_service.settings import FileSettings
from strongroom.database import Transaction


@pytest.fixture
async def settings(settings: FileSettings) -> FileSettings:
    """The service's own chores keep out of it."""
    return settings.model_copy(update={"scrub_days": 0, "sweep_hours": 0})


async def orphans(rig: Rig, *keys: str) -> set[str]:
    async def content() -> AsyncIterator[bytes]:
        yield b"orphan"

    for key in keys:
        await rig.store.put(key, content())
    return set(keys)


async def test_an_orphan_goes_when_its_time_of_grace_is_over_and_not_before(
    ada: FileClient, rig: Rig, leftovers: Leftovers
) -> None:
    await ada.upload(b"kept", "a")
    kept = await leftovers.rows()
    lost = await orphans(rig, "0000/first", "zzzz/last", f"{next(iter(kept))}-more")
    sweep = rig.sweep()
    rig.clock.forward(hours=23.9)
    await sweep.turn()
    assert leftovers.objects() == kept | lost
    rig.clock.forward(hours=6)
    await sweep.turn()
    assert leftovers.objects() == kept
    assert (rig.counted("orphans_found_total"), rig.counted("orphans_deleted_total")) == (3, 3)


async def test_every_version_and_the_trash_keep_their_objects(ada: FileClient, rig: Rig, leftovers: Leftovers) -> None:
    file = (await ada.upload(b"one", "a")).json()
    await ada.upload(b"two", "a")
    await ada.post(f"/files/{file['id']}/restore", {"version": 1})
    await ada.delete(f"/files/{file['id']}")
    before = leftovers.objects()
    rig.clock.forward(days=400)
    await rig.sweep(page=1).turn()
    assert leftovers.objects() == before
    assert len(before) == 2
    assert set((await rig.state()).values()) == {"right"}


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
async def test_pages_of_any_size_find_the_same(ada: FileClient, rig: Rig, leftovers: Leftovers, page: int) -> None:
    for number in range(7):
        await ada.upload(b"x", f"{number}")
    kept = await leftovers.rows()
    await orphans(rig, "0", "1/a", "1/b", *(f"{key}0" for key in sorted(kept)[::2]), "y", "z")
    missing = sorted(kept)[1::3]
    await rig.store.delete(missing)
    rig.clock.forward(hours=25)
    await rig.sweep(page=page).turn()
    assert leftovers.objects() == kept - set(missing)
    state = await rig.rows("select object_key from files.file_versions where missing_at is not null")
    assert sorted(key for (key,) in state) == missing


async def test_a_missing_object_is_reported_and_its_row_is_kept(ada: FileClient, rig: Rig) -> None:
    for name in ("a", "b"):
        await ada.upload(b"x", name)
    await rig.store.delete([await rig.key("a")])
    await rig.sweep().turn()
    assert await rig.state() == {"a#1": "missing", "b#1": "right"}
    await rig.integrity.tell_metrics()
    assert (rig.counted("missing_versions"), rig.counted("damaged_versions")) == (1, 0)


async def test_a_row_that_is_made_after_the_listing_saves_its_object(
    ada: FileClient, rig: Rig, leftovers: Leftovers
) -> None:
    await ada.upload(b"x", "a")
    await orphans(rig, "late/row", "late/lock")

    async def adopt(key: str) -> None:
        await rig.rows(
            "insert into files.file_versions (file_id, version, object_key, size, sha256, content_type, created_at)"
            " select file_id, (select max(version) + 1 from files.file_versions), $1, size, sha256, content_type,"
            " created_at from files.file_versions where version = 1",
            key,
        )

    async def adopt_one(_: str) -> None:
        rig.store.on_page = None
        await adopt("late/row")

    async def adopt_other(_: Transaction, keys: Sequence[str]) -> set[str]:
        # As late as can be: the window has been read, and what nobody points at is about to be deleted.
        assert keys == ["late/lock"]
        await adopt("late/lock")
        return set()

    rig.store.on_page = adopt_one
    rig.clock.forward(hours=25)
    await rig.sweep(referred=[adopt_other, repository.referred]).turn()
    assert {"late/row", "late/lock"} <= leftovers.objects()
    assert rig.counted("orphans_deleted_total") == 0


async def test_an_object_that_came_after_the_listing_is_not_missing(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"x", "a")

    async def upload(_: str) -> None:
        rig.store.on_page = None
        await ada.upload(b"y", "b")

    rig.store.on_page = upload
    await rig.sweep().turn()
    assert rig.store.gets == [await rig.key("b")]
    assert await rig.state() == {"a#1": "right", "b#1": "right"}


async def test_what_others_point_at_is_no_orphan(ada: FileClient, rig: Rig, leftovers: Leftovers) -> None:
    await ada.upload(b"x", "a")
    await orphans(rig, "thumbnail", "orphan")

    async def thumbnails(_: Transaction, keys: Sequence[str]) -> set[str]:
        return {"thumbnail"} & set(keys)

    rig.clock.forward(hours=25)
    await rig.sweep(referred=[repository.referred, thumbnails]).turn()
    assert leftovers.objects() == await leftovers.rows() | {"thumbnail"}


async def test_a_bucket_full_of_files_beside_an_empty_database_is_left_alone(rig: Rig, leftovers: Leftovers) -> None:
    everything = await orphans(rig, "a/1", "a/2")
    rig.clock.forward(hours=25)
    await rig.sweep().turn()
    assert leftovers.objects() == everything
    assert (rig.counted("orphans_found_total"), rig.counted("orphans_deleted_total")) == (2, 0)


async def test_an_upload_in_parts_that_is_not_over_is_left_alone(
    ada: FileClient, rig: Rig, s3: Minio, bucket_name: str, leftovers: Leftovers
) -> None:
    await ada.upload(b"x", "a")
    s3._create_multipart_upload(bucket_name, "in/flight", {})
    rig.clock.forward(hours=47)
    await rig.sweep().turn()
    assert leftovers.unfinished_uploads() == ["in/flight"]


async def test_a_sweep_that_is_killed_half_way_goes_on_where_it_was(
    ada: FileClient, rig: Rig, leftovers: Leftovers
) -> None:
    await ada.upload(b"x", "kept")
    kept = await leftovers.rows()
    lost = await orphans(rig, *(f"!{number:02}" for number in range(9)))  # before any account's id
    rig.clock.forward(hours=25)
    stalled = asyncio.Event()

    async def stall(_: str) -> None:
        if len(rig.store.pages) == 3:
            stalled.set()
            await asyncio.Event().wait()

    rig.store.on_page = stall
    turn = asyncio.create_task(rig.sweep(page=2).turn())
    await stalled.wait()
    turn.cancel()
    await asyncio.gather(turn, return_exceptions=True)
    assert leftovers.objects() == kept | set(sorted(lost)[4:])
    rig.store.on_page = None
    rig.store.pages.clear()
    await rig.sweep(page=2).turn()
    assert rig.store.pages[0] == "!03"
    assert leftovers.objects() == kept


async def test_a_round_begins_when_it_is_due_whichever_replica_did_the_last_one(ada: FileClient, rig: Rig) -> None:
    await ada.upload(b"x", "a")
    await rig.sweep().turn()
    rig.clock.forward(hours=5)
    await rig.sweep().turn()
    assert len(rig.store.pages) == 1
    rig.clock.forward(hours=2)
    await rig.sweep().turn()
    assert len(rig.store.pages) == 2


async def test_two_sweeps_at_once_are_one(rig: Rig) -> None:
    async def another(_: str) -> None:
        rig.store.on_page = None
        async with asyncio.timeout(20):
            await rig.sweep().turn()

    rig.store.on_page = another
    await rig.sweep().turn()
    assert rig.store.pages == [""]


async def test_a_replica_that_dies_in_its_sweep_does_not_keep_the_others_from_it(rig: Rig, database_url: str) -> None:
    listed, go_on = asyncio.Event(), asyncio.Event()

    async def stall(_: str) -> None:
        rig.store.on_page = None
        listed.set()
        await go_on.wait()

    rig.store.on_page = stall
    dying = asyncio.create_task(rig.sweep().turn())
    await listed.wait()
    administrator = await asyncpg.connect(database_url)
    await administrator.execute(
        "select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    await administrator.close()
    await rig.sweep().turn()
    assert len(rig.store.pages) == 2
    go_on.set()
    await asyncio.gather(dying, return_exceptions=True)


async def test_an_object_is_as_young_as_its_key_says(rig: Rig, ada: FileClient, leftovers: Leftovers) -> None:
    await ada.upload(b"kept", "a")
    later = int((rig.clock().timestamp() + 20 * 3600) * 10**9)
    await orphans(rig, young := f"{ada.account}/{uuid7(nanoseconds=later)}", f"{ada.account}/{uuid4()}")
    rig.clock.forward(hours=25)
    await rig.sweep().turn()
    assert leftovers.objects() == await leftovers.rows() | {young}
    rig.clock.forward(hours=20)
    await rig.sweep().turn()
    assert leftovers.objects() == await leftovers.rows()
