"""What is derived belongs to the bytes that it is of: shared by the versions that have them, and gone with them."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from file_client import FileClient
from leftovers import Leftovers
from PIL import Image
from plain_settings import plain

from file_service.derivations import repository
from file_service.derivations.service import Derivations
from file_service.integrity.unread import Unread
from file_service.settings import FileSettings, WorkerSettings
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.work import working
from strongroom.database import Database
from strongroom.database.jobs import JobQueue

PEOPLE = b"id,name\r\n1,Ada\r\n2,Grace\r\n"


async def put(client: FileClient, content: bytes = PEOPLE, path: str = "people.csv") -> str:
    return str((await client.put(path, content)).json()["id"])


def state(derived: Mapping[str, Any]) -> dict[str, str]:
    return {name: one["state"] for name, one in derived.items()}


@pytest.mark.parametrize("what", ["text", "thumbnail"])
async def test_before_it_is_made_the_client_is_told_to_come_again(ada: FileClient, what: str) -> None:
    file = await put(ada, b"\x89PNG\r\n\x1a\n" + bytes(20), "a.png") if what == "thumbnail" else await put(ada)
    answer = await ada.get(f"/files/{file}/{what}")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:problem-type:strongroom:not-derived-yet")
    assert answer.headers["retry-after"] == "1"
    assert {one["state"] for one in (await ada.get(f"/files/{file}")).json()["derived"]} == {"waiting"}


@pytest.mark.parametrize("what", ["text", "thumbnail", "rows"])
async def test_what_has_nothing_inside_says_so(ada: FileClient, what: str) -> None:
    file = await put(ada, bytes(100), "a.bin")
    answer = await ada.get(f"/files/{file}/{what}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem-type:strongroom:not-derivable")
    assert (await ada.get(f"/files/{file}")).json()["derived"] == []


@pytest.mark.usefixtures("worker")
async def test_each_version_has_its_own_and_a_restored_one_has_what_it_had(ada: FileClient) -> None:
    file = await put(ada)
    assert state(await ada.derived(file)) == {"csv": "done", "document": "done"}
    await put(ada, b"id\r\n7\r\n")
    await ada.derived(file)
    assert (await ada.get(f"/files/{file}/rows")).json()["rows"] == [[7]]
    assert (await ada.get(f"/files/{file}/rows", version=1)).json()["row_count"] == 2
    await ada.post(f"/files/{file}/restore", {"version": 1})
    assert (await ada.get(f"/files/{file}/rows")).json()["row_count"] == 2
    assert state(await ada.derived(file)) == {"csv": "done", "document": "done"}


@pytest.mark.usefixtures("worker")
async def test_a_copy_has_its_own(ada: FileClient) -> None:
    file = await put(ada)
    copy = (await ada.post(f"/files/{file}/copy", {"path": "copy.csv"})).json()["id"]
    await ada.derived(file)
    await ada.derived(copy)
    await ada.delete(f"/files/{file}", permanent=True)
    assert (await ada.get(f"/files/{copy}/rows")).json()["row_count"] == 2


@pytest.mark.usefixtures("worker")
async def test_a_copy_is_judged_by_the_schema_of_its_original(ada: FileClient) -> None:
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "date"}]}
    told = await ada.http.post(
        f"{ada.origin}/files/upload/csv",
        files={"file": ("people.csv", PEOPLE, "text/csv")},
        data={"schema": json.dumps(schema)},
        headers=ada.headers,
    )
    file = told.json()["file"]["id"]
    copy = (await ada.post(f"/files/{file}/copy", {"path": "copy.csv"})).json()["id"]
    facts = [(await ada.derived(one))["csv"]["facts"] for one in (file, copy)]
    assert facts[0]["validation"]["error_count"] == 2
    assert facts[1] == facts[0]


@pytest.mark.usefixtures("worker")
async def test_what_is_renamed_is_read_as_what_it_is_called_now(ada: FileClient) -> None:
    file = await put(ada, path="people.txt")
    assert state(await ada.derived(file)) == {"document": "done"}
    await ada.patch(f"/files/{file}", filename="people.csv")
    assert state(await ada.derived(file)) == {"csv": "done", "document": "done"}
    assert (await ada.get(f"/files/{file}/rows")).json()["row_count"] == 2


@pytest.mark.usefixtures("worker")
async def test_who_a_file_is_shared_with_sees_what_is_inside_and_nobody_else(
    ada: FileClient, client_of: Callable[..., FileClient]
) -> None:
    friend, stranger = client_of(), client_of()
    file = await put(ada)
    await ada.derived(file)
    assert (
        await ada.post(f"/files/{file}/shares", {"account_id": friend.account, "permission": "read"})
    ).status_code == 201
    for what in ("rows", "text"):
        assert (await friend.get(f"/files/{file}/{what}")).status_code == 200
        assert (await stranger.get(f"/files/{file}/{what}")).status_code == 404


async def test_a_file_that_is_removed_before_its_turn_leaves_nothing(
    ada: FileClient, settings: FileSettings, database: Database, store: MinioObjectStore, leftovers: Leftovers
) -> None:
    file = await put(ada)
    await ada.delete(f"/files/{file}", permanent=True)
    async with working(WorkerSettings.model_validate(plain(settings)), database, store, background=False):
        await leftovers.idle()
    assert leftovers.objects() == set()


async def derived_bytes(client: FileClient) -> dict[str, int]:
    return dict((await client.get("/files/usage/derived")).json())


@pytest.mark.usefixtures("worker")
async def test_what_is_derived_is_counted_apart_from_the_quota(ada: FileClient, leftovers: Leftovers) -> None:
    assert await derived_bytes(ada) == {"bytes": 0, "objects": 0}
    files = [await put(ada, path=path) for path in ("one.csv", "two.csv")]
    for file in files:
        await ada.derived(file)
    both = await derived_bytes(ada)
    assert await ada.usage() == (2 * len(PEOPLE), 2)
    sizes = leftovers.sizes()
    assert sum(sizes) == both["bytes"] + 2 * len(PEOPLE)
    assert len(sizes) == both["objects"] + 2
    await ada.delete(f"/files/{files[0]}", permanent=True)
    assert await derived_bytes(ada) == {name: value // 2 for name, value in both.items()}
    await ada.delete(f"/files/{files[1]}", permanent=True)
    assert await derived_bytes(ada) == {"bytes": 0, "objects": 0}


async def test_only_administrators_see_what_is_derived_from_others(
    ada: FileClient, client_of: Callable[..., FileClient]
) -> None:
    admin = client_of(scope="admin", roles=["admin"])
    assert (await ada.get(f"/files/usage/{ada.account}/derived")).status_code == 403
    assert (await admin.get(f"/files/usage/{ada.account}/derived")).json() == {"bytes": 0, "objects": 0}


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (200, 100)).save(written, "png")
    return written.getvalue()


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("what", "content"), [("rows", PEOPLE), ("thumbnail", picture())])
async def test_what_the_store_has_lost_is_derived_anew(
    ada: FileClient, leftovers: Leftovers, store: MinioObjectStore, what: str, content: bytes
) -> None:
    file = await put(ada, content, {"rows": "people.csv", "thumbnail": "picture.png"}[what])
    await ada.derived(file)
    before = await derived_bytes(ada)
    await store.delete(sorted(leftovers.objects() - await leftovers.rows()))
    lost = await ada.get(f"/files/{file}/{what}")
    assert (lost.status_code, lost.json()["type"]) == (409, "urn:problem-type:strongroom:not-derived-yet")
    await ada.derived(file)
    assert (await ada.get(f"/files/{file}/{what}")).status_code == 200
    assert len(leftovers.objects()) == 1 + before["objects"]
    assert await derived_bytes(ada) == before


@pytest.mark.usefixtures("worker")
async def test_a_file_that_breaks_its_parser_is_marked_and_served_as_before(ada: FileClient) -> None:
    broken = b"%PDF-1.7\n" + b"\xff" * 1000
    file = await put(ada, broken, "a.pdf")
    derived = await ada.derived(file)
    assert (derived["pdf"]["state"], derived["pdf"]["reason"]) == ("failed", "broken")
    assert (await ada.get(f"/files/{file}/download")).content == broken
    answer = await ada.get(f"/files/{file}/text")
    assert (answer.status_code, answer.json()["reason"]) == (422, "broken")


async def test_files_that_came_before_there_was_a_parser_are_read_later(ada: FileClient, database: Database) -> None:
    file = await put(ada)
    async with database.begin() as tx:
        await tx.exec_driver_sql("delete from files.derivations")
        await tx.exec_driver_sql("delete from files.pgqueuer")
        await tx.exec_driver_sql("delete from files.rounds where chore = 'unread'")
    unread = Unread(database, Derivations(JobQueue(database, "files")), every=timedelta(days=1))
    await unread.turn()
    await put(ada, PEOPLE, "other.csv")
    await unread.turn()  # it is not time for another round
    asked = {one["name"]: one["state"] for one in (await ada.get(f"/files/{file}")).json()["derived"]}
    assert asked == {"csv": "waiting", "document": "waiting"}
    async with database.reading() as connection:
        jobs = (await connection.exec_driver_sql("select count(*) from files.pgqueuer")).scalar_one()
    assert jobs == 4


@pytest.mark.usefixtures("worker")
async def test_who_comes_late_and_fails_does_not_undo_what_was_done(ada: FileClient, database: Database) -> None:
    file = await put(ada)
    await ada.derived(file)
    async with database.begin() as tx:
        key = (await tx.exec_driver_sql("select object_key from files.derivations where parser = 'csv'")).scalar_one()
        one = await repository.find(tx, key, "csv", lock=True)
        assert one is not None
        await repository.fail(tx, one, "crashed", "It came late", datetime.now(UTC))
    assert (await ada.derived(file))["csv"]["state"] == "done"
