"""Links that may be used so many times: exactly so many, whatever is tried."""

import asyncio
from typing import Any

import pytest
from file_client import FileClient
from link_visitor import BROWSER, LinkVisitor, linked, linked_folder
from minio import Minio

CONTENT = b"0123456789"


async def limited(client: FileClient, downloads: int, **terms: Any) -> Any:
    return await linked(client, CONTENT, max_downloads=downloads, **terms)


async def used(client: FileClient) -> int:
    return int((await client.get("/files/links")).json()["items"][0]["downloads"])


async def test_of_two_hundred_at_once_on_a_limit_of_ten_ten_get_the_bytes(
    ada: FileClient, visitor: LinkVisitor
) -> None:
    link = await limited(ada, 10)
    answers = await asyncio.gather(*(visitor.ask(link["url"]) for _ in range(200)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [404] * 190
    assert all(answer.content == CONTENT for answer in answers if answer.status_code == 200)
    assert await used(ada) == 10


@pytest.mark.parametrize("wanted", ["bytes=1-", "bytes=0-0", "bytes=-1", "bytes=0-1,3-4", "bytes=99-"])
async def test_a_part_is_not_to_be_had_for_nothing(ada: FileClient, visitor: LinkVisitor, wanted: str) -> None:
    link = await limited(ada, 1)
    answer = await visitor.ask(link["url"], headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["accept-ranges"] == "none"
    assert (await visitor.ask(link["url"], headers={"Range": wanted})).status_code == 404


async def test_that_nothing_changed_is_not_to_be_learnt_for_nothing(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await limited(ada, 2)
    etag = (await visitor.ask(link["url"])).headers["etag"]
    answer = await visitor.ask(link["url"], headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert await used(ada) == 2


async def test_neither_a_head_nor_the_page_counts(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await limited(ada, 1)
    for _ in range(3):
        assert (await visitor.ask(link["url"], "HEAD")).status_code == 200
        assert (await visitor.browse(link["url"])).status_code == 200
        assert (await visitor.browse(link["url"], "HEAD")).status_code == 200
    assert await used(ada) == 0
    assert (await visitor.browse(link["url"], query="?download=1")).content == CONTENT
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", BROWSER), ("POST", {})):
        assert (await visitor.ask(link["url"], method, headers=headers)).status_code == 404


async def test_a_wrong_password_uses_nothing_up(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await limited(ada, 1, password="right")
    assert (await visitor.ask(link["url"], password="wrong")).status_code == 401
    assert (await visitor.ask(link["url"])).status_code == 401
    assert await used(ada) == 0
    assert (await visitor.ask(link["url"], password="right")).content == CONTENT
    assert (await visitor.ask(link["url"], password="right")).status_code == 404


async def test_a_download_by_the_form_counts(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await limited(ada, 1, password="right")
    first = await visitor.ask(link["url"], "POST", form={"password": "right"}, headers=BROWSER)
    again = await visitor.ask(link["url"], "POST", form={"password": "right"}, headers=BROWSER)
    assert (first.content, again.status_code) == (CONTENT, 404)


async def test_a_download_that_the_store_cannot_begin_is_given_back(
    ada: FileClient, visitor: LinkVisitor, s3: Minio, bucket_name: str
) -> None:
    link = await limited(ada, 1)
    for one in s3.list_objects(bucket_name=bucket_name, recursive=True):
        s3.remove_object(bucket_name=bucket_name, object_name=str(one.object_name))
    answer = await visitor.ask(link["url"])
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:problem-type:strongroom:object-missing")
    assert await used(ada) == 0


async def test_a_zip_of_a_folder_counts_too(ada: FileClient, visitor: LinkVisitor) -> None:
    await ada.upload(b"one", path="reports/a.txt")
    link = await linked_folder(ada, max_downloads=1)
    assert (await visitor.ask(link["url"], "HEAD")).status_code == 200
    assert (await visitor.ask(link["url"], headers={"Range": "bytes=1-"})).status_code == 200
    assert (await visitor.ask(link["url"])).status_code == 404
