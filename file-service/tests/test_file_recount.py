"""The recount: what a previous release wrote beside this one is charged and found, and nothing else changes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from file_client import FileClient
from upkeep_rig import Rig

from file_service.integrity import recount
from file_service.integrity.recount import Recount
from file_service.settings import FileSettings
from file_service.usage.service import Quotas
from strongroom.database.exclusive import exclusively

OLD_RELEASE = """
    with made as (
        insert into files.files (id, owner_id, path, version, object_key, size, sha256, content_type, tags, created_at,
            updated_at, trashed_at)
        select uuidv7(), $1::uuid, 'old/Straße ' || n || '.txt', 2, $1::uuid || '/' || n, 10, '', 'text/plain',
            '{Holiday}', now(), now(), case when n % 2 = 0 then now() end
        from generate_series(1, $2) n
        returning *
    )
    insert into files.file_versions (file_id, version, object_key, size, sha256, content_type, created_at)
    select id, v, object_key || '#' || v, size / v, sha256, content_type, created_at from made, generate_series(1, 2) v
"""


@pytest.fixture
async def settings(settings: FileSettings) -> FileSettings:
    """The service's own chores keep out of it."""
    return settings.model_copy(update={"recount_hours": 0, "scrub_days": 0, "sweep_hours": 0})


@pytest.fixture
def chore(rig: Rig) -> Recount:
    return Recount(rig.database, Quotas(rig.database, default=10**12), every=timedelta(hours=6), clock=rig.clock)


async def written(rig: Rig, owner: FileClient, count: int) -> None:
    await rig.rows(OLD_RELEASE, UUID(owner.account), count)


async def test_what_the_release_before_wrote_is_charged_and_found(
    client_of: Callable[..., FileClient], rig: Rig, chore: Recount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "_FILES_AT_ONCE", 2)
    monkeypatch.setattr(recount, "_OWNERS_AT_ONCE", 2)
    owners = [client_of(sub=str(uuid4())) for _ in range(5)]
    await owners[0].put("mine", b"xyz")
    for owner in owners[:4]:
        await written(rig, owner, 7)
    rig.clock.forward(hours=7)
    await chore.turn()
    assert [await owner.usage() for owner in owners] == [(108, 8), *[(105, 7)] * 3, (0, 0)]
    for owner in owners[:4]:
        assert len(await owner.paths(q="STRASSE")) == 4
        assert len(await owner.paths(q="holiday")) == 4
        names = [str(name) for (name,) in await rig.rows("select name_key from files.files where tags <> '{}'")]
        assert all(name.startswith("strasse ") for name in names)


async def test_a_round_is_had_so_often_and_by_one_at_a_time(ada: FileClient, rig: Rig, chore: Recount) -> None:
    rig.clock.forward(hours=7)
    await chore.turn()
    await written(rig, ada, 2)
    rig.clock.forward(hours=5.9)
    await chore.turn()
    assert await ada.usage() == (0, 0)
    rig.clock.forward(hours=0.2)
    async with exclusively(rig.database, "files recount"):
        await chore.turn()
    assert await ada.usage() == (0, 0)
    await chore.turn()
    assert await ada.usage() == (30, 2)


@pytest.mark.usefixtures("impatient_owners")
async def test_an_owner_who_is_busy_holds_up_nobody_and_whoever_is_right_is_not_locked(
    client_of: Callable[..., FileClient], rig: Rig, chore: Recount
) -> None:
    first, second, right = (client_of(sub=str(UUID(int=number))) for number in (1, 2, 3))
    await right.put("a", b"x")
    for owner in (first, second):
        await written(rig, owner, 2)
        await owner.put("a", b"x")
    rig.clock.forward(hours=7)
    async with rig.database.begin() as tx:
        busy = [UUID(owner.account) for owner in (first, right)]
        await tx.exec_driver_sql("select 1 from files.owners where owner_id = any($1) for update", (busy,))
        await chore.turn()
    assert [await owner.usage() for owner in (first, second, right)] == [(1, 1), (31, 3), (1, 1)]
    rig.clock.forward(hours=7)
    await chore.turn()
    assert await first.usage() == (31, 3)


@pytest.mark.parametrize("way", ["file", "folder", "trash"])
async def test_what_was_never_charged_can_be_removed(ada: FileClient, rig: Rig, way: str) -> None:
    await written(rig, ada, 2)
    match way:
        case "file":
            file = (await ada.get("/files")).json()["items"][0]["id"]
            answer = await ada.delete(f"/files/{file}", permanent=True)
        case "folder":
            answer = await ada.delete("/files/folders/old", permanent=True)
        case _:
            answer = await ada.delete("/files/trash")
    assert answer.is_success
    assert await ada.usage() == (0, 0)
