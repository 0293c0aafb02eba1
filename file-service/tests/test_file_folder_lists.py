"""What is directly in a folder: its files in any order, and its folders, a page at a time."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from file_client import FileClient
from million import analyze, fill, gather
from plans import planning, rows_read

from strongroom.web.pages import encode_cursor

TREE = (
    "top.txt",
    "Top.txt",
    "a/one.txt",
    "a/Two.txt",
    "a/b/three.txt",
    "a/b/c/four.txt",
    "a-b/five.txt",
    "a b/six.txt",
    "a.txt",
    "z/only/deep/seven.txt",
    "日本/語/eight.txt",
)


@pytest.fixture
async def planted(ada: FileClient) -> FileClient:
    for number, path in enumerate(TREE):
        assert (await ada.put(path, b"x" * number)).status_code == 201
    return ada


async def folders(client: FileClient, **params: Any) -> list[str]:
    """Every one, page by page."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = await client.get("/files/folders", **params, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found += [folder["path"] for folder in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
    return found


async def test_nobody_sees_into_the_folders_of_others(client_of: Callable[..., FileClient]) -> None:
    ada, eve = client_of(), client_of()
    await ada.put("secret/deep/x.txt", b"x")
    for folder in ("", "secret"):
        for answer in (await eve.get("/files", folder=folder), await eve.get("/files/folders", prefix=folder)):
            assert answer.json() == {"items": [], "next_cursor": None}
    assert (await client_of(scope="files:write").get("/files/folders")).status_code == 403


async def test_what_is_no_folder_is_refused(ada: FileClient) -> None:
    for hostile in ("\0", "a\0b", "/", "//", "/a", "a//b", "a//", "..", "a/../b", "a\\b", "\x01", "x" * 300):
        assert (await ada.get("/files", folder=hostile)).status_code == 422, hostile
        assert (await ada.get("/files/folders", prefix=hostile)).status_code == 422, hostile


async def test_a_cursor_of_something_else_is_refused(ada: FileClient) -> None:
    names = ("a\0", "a\1b", "a/b", "\ud800", "", "..", "x" * 300)
    others = ("x", encode_cursor("folders"), encode_cursor("files", "a"), encode_cursor("name", "a", "b"))
    for cursor in (*others, *(encode_cursor("folders", name) for name in names)):
        answer = await ada.get("/files/folders", cursor=cursor)
        assert answer.status_code == 422, cursor
        assert answer.json()["type"] == "urn:problem-type:strongroom:invalid-cursor"


async def test_a_folder_and_a_prefix_are_two_questions(ada: FileClient) -> None:
    for folder in ("", "a"):
        answer = await ada.get("/files", folder=folder, prefix="a/")
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:problem-type:strongroom:folder-and-prefix"


def directly_in(folder: str) -> list[str]:
    return [path for path in TREE if path.rpartition("/")[0] == folder]


@pytest.mark.parametrize("sort", ["name", "path", "size", "created_at", "updated_at"])
async def test_a_folder_has_its_own_files_in_every_order(planted: FileClient, sort: str) -> None:
    for folder in ("", "a", "a/", "a/b", "z", "日本/語", "A", "nowhere"):
        expected = directly_in(folder.removesuffix("/"))
        if sort == "name":
            expected = sorted(expected, key=lambda path: (path.casefold(), TREE.index(path)))
        elif sort == "path":
            expected = sorted(expected)
        for limit in (1, 2, 100):
            assert await planted.paths(folder=folder, sort=sort, limit=limit) == expected
            assert await planted.paths(folder=folder, sort=f"-{sort}", limit=limit) == expected[::-1]


async def test_a_folder_comes_by_name_unless_something_is_looked_for(planted: FileClient) -> None:
    assert await planted.paths(folder="", limit=1) == ["a.txt", "top.txt", "Top.txt"]
    assert await planted.paths(folder="a") == ["a/one.txt", "a/Two.txt"]
    assert await planted.paths(folder="a", q="two") == ["a/Two.txt"]
    assert await planted.paths(folder="", q="two") == []
    assert await planted.paths(folder="", q="top", sort="-size") == ["Top.txt", "top.txt"]


async def test_the_other_conditions_hold_in_a_folder_too(planted: FileClient) -> None:
    by_path = {file["path"]: file["id"] for file in (await planted.get("/files", limit=100)).json()["items"]}
    for path in ("a/one.txt", "a/b/three.txt"):
        await planted.patch(f"/files/{by_path[path]}", tags=["kept"])
    assert await planted.paths(folder="a", tag="kept") == ["a/one.txt"]
    assert await planted.paths(folder="a", content_type="image/*") == []
    for path in ("a/Two.txt", "a/b/three.txt", "top.txt"):
        await planted.delete(f"/files/{by_path[path]}")
    assert await planted.paths(folder="a") == ["a/one.txt"]
    assert await planted.paths(folder="a", trashed=True) == ["a/Two.txt"]
    assert await planted.paths(folder="", trashed=True) == ["top.txt"]
    exported = (await planted.get("/files/export/csv", folder="a")).text
    assert "a/one.txt" in exported
    assert "a/b/" not in exported


async def test_folders_come_once_each_and_in_the_order_of_their_paths(planted: FileClient) -> None:
    for limit in (1, 2, 5, 100):
        assert await folders(planted, limit=limit) == ["a", "a b", "a-b", "z", "日本"]
        assert await folders(planted, prefix="", limit=limit) == ["a", "a b", "a-b", "z", "日本"]
    for prefix, inside in {"a/": ["a/b"], "a": ["a/b"], "z": ["z/only"], "a/b/c/": [], "nowhere": []}.items():
        assert await folders(planted, prefix=prefix) == inside
    assert (await planted.get("/files/folders", prefix="日本/")).json()["items"] == [{"path": "日本/語", "name": "語"}]


async def test_many_folders_are_paged_and_none_comes_twice(ada: FileClient, database_url: str) -> None:
    await fill(database_url, UUID(ada.account), 1100)
    found = await folders(ada, limit=50)
    assert found == sorted(f"folder{number}" for number in range(1000))


async def test_what_is_in_the_trash_makes_no_folder(planted: FileClient) -> None:
    await planted.delete("/files/folders/a")
    assert await folders(planted) == ["a b", "a-b", "z", "日本"]
    assert await planted.paths(folder="a") == []
    assert (await planted.post("/files/folders/move", {"source": "z", "destination": "y"})).status_code == 200
    assert await folders(planted) == ["a b", "a-b", "y", "日本"]


async def test_names_at_the_ends_of_unicode_are_folders_like_others(ada: FileClient) -> None:
    last = "\U0010ffff" * 60
    for name in (" ", "!", last, "\ud7ff", "\ue000"):
        assert (await ada.upload(b"x", path=f"{name}/in/x")).status_code == 201, name
    assert await folders(ada, limit=1) == sorted([" ", "!", last, "\ud7ff", "\ue000"])
    assert await folders(ada, prefix=last) == [f"{last}/in"]


async def test_a_page_reads_its_own_rows_and_not_the_rest_of_the_tree(ada: FileClient, database_url: str) -> None:
    """Among enough of them for a wrong choice of the planner's to show; of a million, so does test_file_million.py."""
    owner = UUID(ada.account)
    await fill(database_url, owner, 20_000, under="wide/folder")
    await gather(database_url, owner, "wide", 5_000)
    await gather(database_url, owner, "few", 10)
    await analyze(database_url)
    async with planning(database_url) as planned:
        for params in ({"folder": "wide"}, {"folder": "few"}, {"folder": "wide/folder7"}, {"folder": ""}):
            for sort in ("name", "-name", "path", "size", "-size", "created_at", "-created_at", "-updated_at"):
                assert await rows_read(planned, ada, "/files", limit=50, sort=sort, **params) <= 64, (params, sort)
        for prefix in ("", "wide/", "few/", "wide/folder7/"):
            assert await rows_read(planned, ada, "/files/folders", prefix=prefix, limit=50) <= 51, prefix
