"""The trash and the versions: what is overwritten or dropped can be had back, until it is removed for good."""

import asyncio
from uuid import uuid4

import pytest
from file_client import FileClient
from leftovers import Leftovers


def slug(answer: dict[str, str]) -> str:
    return answer["type"].rpartition(":")[2]


async def test_a_file_comes_back_out_of_the_trash_as_it_was(ada: FileClient) -> None:
    file = (await ada.put("a/b.txt", b"one")).json()
    await ada.patch(f"/files/{file['id']}", tags=["x"])
    await ada.delete(f"/files/{file['id']}")
    assert await ada.paths(trashed=True) == ["a/b.txt"]
    for path in ("", "/download", "/versions"):
        assert (await ada.get(f"/files/{file['id']}{path}")).status_code == 404
    back = await ada.post(f"/files/{file['id']}/restore")
    assert (back.status_code, back.json()["path"], back.json()["tags"]) == (200, "a/b.txt", ["x"])
    assert (await ada.get(f"/files/{file['id']}/download")).content == b"one"
    assert await ada.paths(trashed=True) == []
    assert (await ada.post(f"/files/{file['id']}/restore")).status_code == 404  # it is not there any more


async def test_what_has_taken_its_place_stays_and_it_comes_back_elsewhere(ada: FileClient) -> None:
    old = (await ada.put("f", b"old")).json()["id"]
    await ada.delete(f"/files/{old}")
    new = (await ada.put("f", b"new")).json()["id"]
    assert new != old
    refused = await ada.post(f"/files/{old}/restore")
    assert (refused.status_code, slug(refused.json())) == (409, "path-taken")
    assert (await ada.post(f"/files/{old}/restore", {"path": "../f"})).status_code == 422
    assert (await ada.post(f"/files/{old}/restore", {"path": "old/f"})).json()["path"] == "old/f"
    assert await ada.paths(sort="path") == ["f", "old/f"]


async def test_the_same_path_can_be_in_the_trash_many_times(ada: FileClient) -> None:
    for content in (b"1", b"22", b"333"):
        await ada.delete(f"/files/{(await ada.put('f', content)).json()['id']}")
    trash = (await ada.get("/files", trashed=True)).json()["items"]
    assert [(file["path"], file["size"]) for file in trash] == [("f", 3), ("f", 2), ("f", 1)]
    assert await ada.paths(trashed=True, limit=1) == ["f", "f", "f"]


async def test_versions_are_listed_newest_first_in_pages(ada: FileClient) -> None:
    files = [(await ada.put("f", bytes(size), Content_Type="text/x-own")).json() for size in range(5)]
    file = files[0]["id"]
    first = (await ada.get(f"/files/{file}/versions", limit=2)).json()
    assert [(one["version"], one["size"]) for one in first["items"]] == [(5, 4), (4, 3)]
    rest = (await ada.get(f"/files/{file}/versions", cursor=first["next_cursor"])).json()
    assert [one["version"] for one in rest["items"]] == [3, 2, 1]
    assert rest["next_cursor"] is None
    assert rest["items"][0]["declared_type"] == "text/x-own"
    for cursor in ("x", "WyIxIiwiMiJd", "WyItMSJd", "WyI5OTk5OTk5OTk5OTk5OSJd"):
        assert (await ada.get(f"/files/{file}/versions", cursor=cursor)).status_code == 422


async def test_going_back_to_a_version_makes_it_the_newest(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await ada.put("f", b"one")).json()["id"]
    await ada.put("f", b"two")
    back = await ada.post(f"/files/{file}/restore", {"version": 1})
    assert (back.status_code, back.json()["version"], back.json()["size"]) == (200, 3, 3)
    assert (await ada.get(f"/files/{file}/download")).content == b"one"
    assert len(leftovers.objects()) == 2  # the bytes are shared
    assert (await ada.post(f"/files/{file}/restore", {"version": 9})).status_code == 404
    for wrong in ({"version": 0}, {"version": "x"}, {"version": 2**31}, {"version": 1, "path": "g"}):
        assert (await ada.post(f"/files/{file}/restore", wrong)).status_code == 422
    await ada.delete(f"/files/{file}", permanent=True)
    assert await leftovers.freed() == set()


async def test_many_at_once_going_back_and_uploading_lose_no_version(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await ada.put("f", b"one")).json()["id"]
    restoring = [ada.post(f"/files/{file}/restore", {"version": 1}) for _ in range(15)]
    answers = await asyncio.gather(*restoring, *(ada.put("f", b"%d" % number) for number in range(15)))
    assert {answer.status_code for answer in answers} == {200}
    numbers = [one["version"] for one in (await ada.get(f"/files/{file}/versions", limit=100)).json()["items"]]
    assert numbers == list(range(31, 0, -1))
    assert await leftovers.freed() == await leftovers.rows()


async def test_a_file_in_the_trash_cannot_be_changed_only_removed(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await ada.put("f", b"x")).json()["id"]
    await ada.delete(f"/files/{file}")
    assert (await ada.patch(f"/files/{file}", filename="g")).status_code == 404
    assert (await ada.post(f"/files/{file}/copy", {"path": "g"})).status_code == 404
    assert (await ada.post(f"/files/{file}/restore", {"version": 1})).status_code == 404
    assert (await ada.delete(f"/files/{file}")).status_code == 404
    assert (await ada.delete(f"/files/{file}", permanent=True)).status_code == 204
    assert await leftovers.freed() == set()
    assert await ada.usage() == (0, 0)


@pytest.mark.parametrize("method", ["restore", "copy", "versions"])
async def test_what_never_was_is_not_found(ada: FileClient, method: str) -> None:
    path = f"/files/{uuid4()}/{method}"
    answer = await (
        ada.get(path) if method == "versions" else ada.post(path, {"path": "x"} if method == "copy" else None)
    )
    assert (answer.status_code, slug(answer.json())) == (404, "file-not-found")
