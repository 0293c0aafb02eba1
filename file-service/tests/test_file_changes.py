"""Renaming, moving, tagging, copying: of one file, and of whole folders."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
from file_client import FileClient
from leftovers import Leftovers
from sqlalchemy import text

from strongroom.database import Database


def slug(answer: dict[str, str]) -> str:
    return answer["type"].rpartition(":")[2]


async def test_a_file_is_renamed_and_moved_and_keeps_its_bytes(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await ada.put("a/b/c.txt", b"x")).json()
    renamed = (await ada.patch(f"/files/{file['id']}", filename="d.txt")).json()
    assert (renamed["path"], renamed["filename"], renamed["version"]) == ("a/b/d.txt", "d.txt", 1)
    moved = (await ada.patch(f"/files/{file['id']}", path="e.txt")).json()
    assert moved["path"] == "e.txt"
    assert (await ada.patch(f"/files/{file['id']}", filename="f.txt")).json()["path"] == "f.txt"
    assert (await ada.patch(f"/files/{file['id']}", path="f.txt")).status_code == 200
    assert len(leftovers.objects()) == 1


def nested(levels: int) -> dict[str, object]:
    """Objects and arrays by turns."""
    value: object = {}
    for level in range(levels - 1, 0, -1):
        value = {"a": value} if level % 2 else [value]
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../x"}, {"path": "/x"}, {"path": ""}, {"path": "a\\b"}, {"path": "a\u0000"}, {"filename": "a/b"},
        {"filename": ".."}, {"filename": ""}, {"path": "a", "filename": "b"}, {"path": "x" * 1025},
        {"tags": [""]}, {"tags": [" x"]}, {"tags": ["a\nb"]}, {"tags": ["x" * 101]}, {"tags": "x"},
        {"tags": [str(n) for n in range(51)]}, {"metadata": []}, {"metadata": {"a": "x" * 16_384}},
        {"metadata": {"a": "\u0000"}}, {"metadata": nested(33)}, {"metadata": nested(250)},
        {"metadata": {"a\u0000": 1}}, {"metadata": {"a": [1e308] * 60}}, {"metadata": {"a": [5e-324] * 60}},
    ],
)  # fmt: skip
async def test_a_bad_change_is_refused_and_changes_nothing(ada: FileClient, change: dict[str, object]) -> None:
    file = (await ada.put("f", b"x")).json()
    assert (await ada.patch(f"/files/{file['id']}", **change)).status_code == 422
    described = (await ada.get(f"/files/{file['id']}")).json()
    assert {name: described[name] for name in file} == file


async def test_tags_and_metadata_are_kept_as_given(ada: FileClient) -> None:
    file = (await ada.put("f", b"x")).json()["id"]
    metadata = {"ü": [1, 2.5, None, True, {"a": "😀"}], "big": 2**60}
    changed = (await ada.patch(f"/files/{file}", tags=["b", "ä ö", "b"], metadata=metadata)).json()
    assert (changed["tags"], changed["metadata"]) == (["b", "ä ö"], metadata)
    assert (await ada.patch(f"/files/{file}", tags=[])).json()["metadata"] == metadata
    await ada.put("f", b"y")
    assert (await ada.get(f"/files/{file}")).json()["metadata"] == metadata


async def test_metadata_is_nested_up_to_32_levels(ada: FileClient) -> None:
    file = (await ada.put("f", b"x")).json()["id"]
    assert (await ada.patch(f"/files/{file}", metadata=nested(32))).json()["metadata"] == nested(32)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "[[-Infinity]]"])
async def test_what_is_no_number_for_postgresql_is_refused(ada: FileClient, number: str) -> None:
    file = (await ada.put("f", b"x")).json()["id"]
    body = f'{{"metadata": {{"a": {number}}}}}'
    headers = ada.headers | {"Content-Type": "application/json"}
    answer = await ada.http.patch(f"{ada.origin}/files/{file}", content=body, headers=headers)
    assert answer.status_code == (422 if number.endswith("999") else answer.status_code)
    assert answer.is_client_error


async def test_a_backslash_before_what_would_be_nul_is_text(ada: FileClient) -> None:
    file = (await ada.put("f", b"x")).json()["id"]
    metadata = {r"\u0000": [r"\u0000", 1e20, 1e-7]}
    assert (await ada.patch(f"/files/{file}", metadata=metadata)).json()["metadata"] == metadata


async def test_the_name_of_a_folder_is_utf_8(ada: FileClient) -> None:
    await ada.put("%EF%BF%BD/a", b"x")
    for wrong in ("%FF", "%FF/", "a%C3", "%ED%A0%80"):
        answer = await ada.delete(f"/files/folders/{wrong}")
        assert (answer.status_code, slug(answer.json())) == (422, "invalid-path")
    assert (await ada.delete("/files/folders/%EF%BF%BD/")).json() == {"file_count": 1}


async def test_a_path_that_is_taken_stays_with_who_has_it(ada: FileClient) -> None:
    first, second = [(await ada.put(path, path.encode())).json()["id"] for path in ("a", "b")]
    for answer in (
        await ada.patch(f"/files/{first}", path="b"),
        await ada.patch(f"/files/{first}", path="b", tags=["x"]),
        await ada.post(f"/files/{first}/copy", {"path": "b"}),
        await ada.post(f"/files/{first}/copy", {"path": "a"}),
    ):
        assert (answer.status_code, slug(answer.json())) == (409, "path-taken")
    assert (await ada.get(f"/files/{second}/download")).content == b"b"
    assert (await ada.get(f"/files/{first}")).json()["tags"] == []


async def test_of_two_files_that_want_one_path_at_once_one_gets_it(ada: FileClient) -> None:
    ids = [(await ada.put(f"f{number}", b"x")).json()["id"] for number in range(10)]
    answers = await asyncio.gather(*(ada.patch(f"/files/{file}", path="wanted") for file in ids))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


async def test_a_copy_is_a_file_of_its_own(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await ada.put("a/b", b"one", Content_Type="text/x-own")).json()
    copied = await ada.post(f"/files/{file['id']}/copy", {"path": "c/d"})
    assert copied.status_code == 201
    copy = copied.json()
    assert copy["id"] != file["id"]
    assert {name: copy[name] for name in ("path", "version", "sha256", "size", "content_type")} == {
        "path": "c/d", "version": 1, "sha256": file["sha256"], "size": 3, "content_type": "text/x-own",
    }  # fmt: skip
    await ada.put("a/b", b"two")
    await ada.delete(f"/files/{file['id']}", permanent=True)
    assert len(await leftovers.freed()) == 1
    assert (await ada.get(f"/files/{copy['id']}/download")).content == b"one"


async def test_a_large_file_is_copied_whole(ada: FileClient) -> None:
    file = (await ada.put("a", bytes(17 * 1024 * 1024))).json()
    copy = (await ada.post(f"/files/{file['id']}/copy", {"path": "b"})).json()
    assert len((await ada.get(f"/files/{copy['id']}/download")).content) == file["size"]


async def test_a_folder_moves_whole_and_nothing_else_does(ada: FileClient) -> None:
    for path in ("a/1", "a/b/2", "a/b/c/3", "a.txt", "ab/4", "A/5", "a/é/6"):
        await ada.put(path, b"x")
    moved = await ada.post("/files/folders/move", {"source": "a/", "destination": "new/place"})
    assert (moved.status_code, moved.json()) == (200, {"file_count": 4})
    expected = ["A/5", "a.txt", "ab/4", "new/place/1", "new/place/b/2", "new/place/b/c/3", "new/place/é/6"]
    assert await ada.paths(sort="path") == expected
    assert await ada.paths(prefix="new/place/") == expected[3:]


async def test_a_folder_moves_up_into_its_parent_even_if_names_repeat(ada: FileClient) -> None:
    for path in ("a/b/x", "a/b/b/x", "a/b/b/b/x"):
        await ada.put(path, path.encode())
    assert (await ada.post("/files/folders/move", {"source": "a/b", "destination": "a"})).status_code == 200
    assert await ada.paths(sort="path") == ["a/b/b/x", "a/b/x", "a/x"]


async def test_a_folder_that_would_hide_a_file_stays_where_it_is(ada: FileClient) -> None:
    for path in ("a/1", "a/2", "b/2"):
        await ada.put(path, b"x")
    refused = await ada.post("/files/folders/move", {"source": "a", "destination": "b"})
    assert (refused.status_code, slug(refused.json())) == (409, "path-taken")
    assert await ada.paths(sort="path") == ["a/1", "a/2", "b/2"]


@pytest.mark.parametrize(
    ("source", "destination", "status", "problem"),
    [
        ("a", "a", 422, "folder-into-itself"),
        ("a", "a/b", 422, "folder-into-itself"),
        ("nothing", "b", 404, "folder-not-found"),
        ("a/1", "b", 404, "folder-not-found"),
        ("../a", "b", 422, "invalid-path"),
        ("a", "/b", 422, "invalid-path"),
        ("a", "", 422, "invalid-path"),
        ("a", "x/" * 500 + "x" * 24, 422, "invalid-path"),
    ],
)
async def test_an_impossible_move_is_refused(
    ada: FileClient, source: str, destination: str, status: int, problem: str
) -> None:
    await ada.put("a/1", b"x")
    answer = await ada.post("/files/folders/move", {"source": source, "destination": destination})
    assert (answer.status_code, slug(answer.json())) == (status, problem)
    assert await ada.paths() == ["a/1"]


async def test_a_folder_is_dropped_to_the_trash_or_removed(ada: FileClient, leftovers: Leftovers) -> None:
    for path in ("a/1", "a/b/2", "c/3", "c/d/4", "e"):
        await ada.put(path, b"xyz")
    assert (await ada.delete("/files/folders/a")).json() == {"file_count": 2}
    assert sorted(await ada.paths(trashed=True)) == ["a/1", "a/b/2"]
    assert (await ada.delete("/files/folders/c/", permanent=True)).json() == {"file_count": 2}
    assert len(await leftovers.freed()) == 3
    assert await ada.usage() == (9, 3)
    for gone in ("a", "c", "nothing", "e"):
        assert (await ada.delete(f"/files/folders/{gone}")).status_code == 404
    for wrong in ("%2e%2e", "a%00", "a//b"):
        assert (await ada.delete(f"/files/folders/{wrong}")).status_code == 422


async def test_somebody_elses_folder_of_the_same_name_is_theirs(client_of: Callable[..., FileClient]) -> None:
    ada, bob = client_of(), client_of()
    for client in (ada, bob):
        await client.put("a/1", b"x")
    await ada.post("/files/folders/move", {"source": "a", "destination": "b"})
    await ada.delete("/files/folders/b", permanent=True)
    assert await bob.paths() == ["a/1"]


@pytest.mark.parametrize("count", [100, pytest.param(10_000, marks=pytest.mark.heavy)])
@pytest.mark.parametrize("action", ["move", "trash", "remove"])
async def test_thousands_of_files_are_one_answer(ada: FileClient, database: Database, action: str, count: int) -> None:
    await ada.put("full/template", b"x")
    await multiply(database, UUID(ada.account), count)
    if action == "move":
        answer = await ada.post("/files/folders/move", {"source": "full", "destination": "moved"})
    else:
        answer = await ada.delete("/files/folders/full", permanent=action == "remove")
    assert answer.json() == {"file_count": count + 1}
    assert await ada.usage() == ((0, 0) if action == "remove" else (count + 1, count + 1))
    assert (await ada.get("/files", prefix="full/")).json()["items"] == []


async def multiply(database: Database, owner: UUID, count: int, *, versions: int = 1) -> None:
    """Rows as uploads would have made them, each with an object of its own in name only."""
    copies = """
        with made as (
            insert into files.files (id, owner_id, path, version, object_key, size, sha256, content_type, name_key,
                created_at, updated_at)
            select gen_random_uuid(), owner_id, 'full/' || n, 1, object_key || '-' || n, size, sha256, content_type,
                n::text, created_at, updated_at
            from files.files, generate_series(1, :count) n where owner_id = :owner
            returning id, object_key, size, sha256, content_type, created_at
        )
        insert into files.file_versions (file_id, version, object_key, size, sha256, content_type, created_at)
        select id, v, object_key || '#' || v, size, sha256, content_type, created_at
        from made, generate_series(1, :versions) v
    """
    async with database.begin() as tx:
        await tx.execute(text(copies), {"count": count, "owner": owner, "versions": versions})
        counted = """
            update files.owners set bytes = bytes + :bytes, file_count = file_count + :count where owner_id = :owner
        """
        await tx.execute(text(counted), {"count": count, "bytes": count * versions, "owner": owner})


@pytest.mark.heavy
@pytest.mark.parametrize("way", ["folder", "trash"])
async def test_more_than_postgresql_takes_parameters_can_go_at_once(
    ada: FileClient, database: Database, way: str
) -> None:
    await ada.put("full/template", b"x")
    if way == "folder":
        await multiply(database, UUID(ada.account), 33_000)
        assert (await ada.delete("/files/folders/full", permanent=True)).json() == {"file_count": 33_001}
    else:
        await multiply(database, UUID(ada.account), 400, versions=100)
        await ada.delete("/files/folders/full")
        assert (await ada.delete("/files/trash")).json() == {"file_count": 401}
    assert await ada.usage() == (0, 0)


async def test_only_where_they_arrive_paths_may_be_too_long(ada: FileClient) -> None:
    longest = "/".join(["x" * 250] * 4)
    await ada.put(f"a/{longest}", b"x")
    moved = await ada.post("/files/folders/move", {"source": "a", "destination": "b" * (1024 - len(longest) - 1)})
    assert (moved.status_code, moved.json()) == (200, {"file_count": 1})
