"""Partial uploads, sent at the same time, and the final upload that is made of them."""

import asyncio
import os
from collections.abc import Callable
from itertools import pairwise

import httpx2
import pytest
from file_client import FileClient
from leftovers import Leftovers
from tus_client import TusClient, encoded, slug

from file_service.settings import FileSettings
from strongroom.database import Database

MIB = 1024 * 1024
PART = 8 * MIB


async def partial(tus: TusClient, content: bytes, pieces: int = 1) -> str:
    answer = await tus.create(len(content), Upload_Metadata="", Upload_Concat="partial")
    assert answer.status_code == 201, answer.text
    path = "/files/uploads/" + answer.headers["location"].rpartition("/")[2]
    step = -(-len(content) // pieces)
    for start in range(0, len(content), step or 1):
        assert (await tus.patch(path, start, content[start : start + step])).status_code == 204
    return path


async def final(tus: TusClient, *partials: str, name: str = "x", **headers: str) -> httpx2.Response:
    return await tus.create(-1, name, None, Upload_Concat=f"final;{' '.join(partials)}", **headers)


@pytest.mark.parametrize("size", [17 * MIB + 3, 3 * MIB, 1000, 8])
async def test_eight_partials_sent_at_once_are_one_file(tus: TusClient, leftovers: Leftovers, size: int) -> None:
    content = os.urandom(size)
    ends = [size * number // 8 for number in range(9)]
    slices = [content[start:end] for start, end in pairwise(ends)]
    paths = await asyncio.gather(*(partial(tus, piece, pieces=2) for piece in slices))
    assert (await tus.files.get("/files")).json()["items"] == []
    answer = await final(tus, *paths)
    assert answer.status_code == 201, answer.text
    assert answer.headers["upload-offset"] == str(size)
    await tus.has_file("x", content)
    assert await tus.files.usage() == (size, 1)
    told = await tus.head("/files/uploads/" + answer.headers["location"].rpartition("/")[2])
    assert told.headers["upload-concat"] == f"final;{' '.join(paths)}"
    assert told.headers["upload-length"] == told.headers["upload-offset"] == str(size)
    for path in paths:
        assert (await tus.head(path)).headers["upload-concat"] == "partial"
        assert (await tus.ask("DELETE", path)).status_code == 204
    assert await leftovers.freed() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize(
    "sizes", [(0,), (0, 0), (0, 5, 0), (6 * MIB, 6 * MIB, 1), (6 * MIB,), (1, 6 * MIB, 0), (9 * MIB,)]
)
async def test_partials_of_any_size_make_the_whole(tus: TusClient, sizes: tuple[int, ...]) -> None:
    contents = [os.urandom(size) for size in sizes]
    paths = [await partial(tus, content) for content in contents]
    assert (await final(tus, *paths)).status_code == 201
    await tus.has_file("x", b"".join(contents))


async def test_a_partial_can_be_named_by_its_whole_address_and_used_again(
    tus: TusClient, settings: FileSettings
) -> None:
    path = await partial(tus, b"ab")
    assert (await final(tus, f"{settings.public_url}{path}", path)).status_code == 201
    await tus.has_file("x", b"abab")
    assert (await final(tus, path, name="y")).status_code == 201
    await tus.has_file("y", b"ab")


async def test_partials_that_were_made_by_different_ways_in_make_one_file(tus: TusClient) -> None:
    behind = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "vault.example:8443", "X_Forwarded_Prefix": "/vault"}
    first, second = await partial(tus, b"ab"), await partial(tus, b"cd")
    named = (f"https://vault.example:8443/vault{first}", second, f"/vault{second}")
    answer = await final(tus, *named, **behind)
    assert answer.status_code == 201
    assert answer.headers["location"].startswith("https://vault.example:8443/vault/files/uploads/")
    await tus.has_file("x", b"abcdcd")
    assert slug(await final(tus, f"https://elsewhere.example{first}", **behind)) == "partial-missing"


async def test_what_is_no_finished_partial_of_ones_own_is_refused(
    tus: TusClient, client_of: Callable[..., FileClient], leftovers: Leftovers
) -> None:
    good = await partial(tus, b"ab")
    unfinished = await tus.created(5, Upload_Concat="partial")
    whole = await tus.created(2)
    await tus.patch(whole, 0, b"ab")
    stranger = await partial(TusClient(client_of()), b"cd")
    nothing = "/files/uploads/00000000-0000-7000-8000-000000000000"
    for bad in (
        unfinished,
        whole,
        stranger,
        nothing,
        "/files/uploads/x",
        "http://elsewhere" + good,
        "/x" + good,
        good + "/",
    ):
        answer = await final(tus, good, bad)
        assert (answer.status_code, slug(answer)) == (400, "partial-missing"), bad
    assert (await final(tus, good, Upload_Length="2")).status_code == 400
    assert (await tus.create(-1, "x", b"abc", Upload_Concat=f"final;{good}")).status_code == 403
    assert await leftovers.uploads() == 1


async def test_a_final_upload_takes_no_bytes(tus: TusClient) -> None:
    answer = await final(tus, await partial(tus, b"ab"))
    path = "/files/uploads/" + answer.headers["location"].rpartition("/")[2]
    refused = await tus.patch(path, 2, b"c")
    assert (refused.status_code, slug(refused)) == (403, "final-upload")


async def test_a_final_upload_larger_than_allowed_is_refused(tus: TusClient, leftovers: Leftovers) -> None:
    path = await partial(tus, bytes(11 * MIB))
    answer = await final(tus, path, path)
    assert (answer.status_code, slug(answer)) == (413, "file-too-large")
    assert await leftovers.uploads() == 0


async def test_partials_count_until_they_are_in_a_file(tus: TusClient, database: Database) -> None:
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.owners (owner_id, quota) values ($1::text::uuid, 10)", (tus.files.account,)
        )
    first, second = await partial(tus, b"abcd"), await partial(tus, b"efgh")
    assert (await tus.create(3)).status_code == 507
    assert (await final(tus, first, second)).status_code == 201
    assert (await tus.create(3)).status_code == 507
    assert (await tus.create(2)).status_code == 201


async def test_a_final_upload_needs_a_name_and_is_judged_by_its_first_bytes(tus: TusClient) -> None:
    path = await partial(tus, b"%PDF-1.7 and so on")
    assert (await final(tus, path, Upload_Metadata=encoded(other="x"))).status_code == 422
    answer = await final(tus, path, name="a.txt")
    file = (await tus.files.get(f"/files/{answer.headers['strongroom-file']}")).json()
    assert file["content_type"] == "application/pdf"


async def test_a_concatenation_that_was_broken_off_is_finished_by_whoever_asks(
    tus: TusClient, database: Database, leftovers: Leftovers
) -> None:
    """As if the service had been killed in the middle: the upload is recorded, and an object of an earlier attempt."""
    path = await partial(tus, bytes(6 * MIB))
    answer = await final(tus, path, path)
    final_path = "/files/uploads/" + answer.headers["location"].rpartition("/")[2]
    await tus.files.delete(f"/files/{answer.headers['strongroom-file']}", permanent=True)
    await leftovers.freed()
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "update files.resumable_uploads set finished_at = null, file_id = null, object_key = 'earlier/attempt'"
            " where concat like 'final%'"
        )
    told = await tus.head(final_path)
    assert told.headers["upload-offset"] == str(12 * MIB)
    await tus.has_file("x", bytes(12 * MIB))
    await tus.ask("DELETE", path)
    assert await leftovers.freed() == await leftovers.rows()
