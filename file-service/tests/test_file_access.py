"""Owners see their own files: lists, descriptions, downloads, removal."""

from collections.abc import Callable
from urllib.parse import unquote
from uuid import uuid4

import pytest
from file_client import FileClient
from leftovers import Leftovers


async def test_files_come_in_pages_newest_first_and_each_once(ada: FileClient) -> None:
    for number in range(5):
        await ada.upload(b"x", f"{number}.txt")
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ada.get("/files", limit=2, **cursor)).json()
        assert len(page["items"]) <= 2
        seen += [file["path"] for file in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"cursor": "made-up"}])
async def test_bad_page_parameters_are_refused(ada: FileClient, params: dict[str, object]) -> None:
    answer = await ada.get("/files", **params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_someone_elses_file_is_like_one_that_never_was(client_of: Callable[..., FileClient]) -> None:
    ada, eve = client_of(), client_of()
    file_id = (await ada.upload(b"secret")).json()["id"]
    assert (await eve.get("/files")).json()["items"] == []
    for suffix in ("", "/download"):
        theirs = await eve.get(f"/files/{file_id}{suffix}")
        absent = await eve.get(f"/files/{uuid4()}{suffix}")
        assert theirs.status_code == absent.status_code == 404
        assert theirs.json() == absent.json()
    for permanent in (True, False):
        assert (await eve.delete(f"/files/{file_id}", permanent=permanent)).status_code == 404
    assert (await ada.get(f"/files/{file_id}/download")).content == b"secret"


async def test_the_same_path_of_two_owners_is_two_files(client_of: Callable[..., FileClient]) -> None:
    ada, bob = client_of(), client_of()
    first, second = (await ada.upload(b"a")).json(), (await bob.upload(b"b")).json()
    assert first["id"] != second["id"]
    assert second["version"] == 1


async def test_a_trashed_file_is_out_of_sight_but_kept(ada: FileClient, leftovers: Leftovers) -> None:
    file_id = (await ada.upload(b"x")).json()["id"]
    assert (await ada.delete(f"/files/{file_id}")).status_code == 204
    assert (await ada.get("/files")).json()["items"] == []
    assert (await ada.get(f"/files/{file_id}")).status_code == 404
    assert (await ada.delete(f"/files/{file_id}")).status_code == 404
    assert len(leftovers.objects()) == 1
    assert (await ada.upload(b"y")).json()["id"] != file_id


async def test_a_file_removed_for_good_leaves_no_bytes_of_any_version(ada: FileClient, leftovers: Leftovers) -> None:
    await ada.upload(b"one")
    file_id = (await ada.upload(b"two")).json()["id"]
    assert len(leftovers.objects()) == 2
    await ada.delete(f"/files/{file_id}")
    assert (await ada.delete(f"/files/{file_id}", permanent=True)).status_code == 204
    assert await leftovers.freed() == set()
    assert await leftovers.rows() == set()
    assert (await ada.delete(f"/files/{file_id}", permanent=True)).status_code == 404


@pytest.mark.parametrize(
    "name", ["plain.txt", 'quo"te.txt', "日本語 名.txt", "semi;colon.txt", "100%.txt", "naïve.txt"]
)
async def test_a_download_carries_its_name_in_every_script(ada: FileClient, name: str) -> None:
    file_id = (await ada.upload(b"x", path=name)).json()["id"]
    answer = await ada.get(f"/files/{file_id}/download")
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment; filename=")
    if not name.isascii() or set(name) & set('"%'):
        assert unquote(disposition.partition("filename*=UTF-8''")[2]) == name
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_id_that_is_none_is_refused(ada: FileClient) -> None:
    assert (await ada.get("/files/not-an-id")).status_code == 422


async def test_a_token_that_speaks_for_no_account_owns_nothing(client_of: Callable[..., FileClient]) -> None:
    assert (await client_of(subject="some-service").get("/files")).status_code == 403
