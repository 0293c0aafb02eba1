"""Bytes that a client sends to the store itself become the same file as if they had come through here."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from direct_client import DirectClient
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp
from tus_client import TusClient, slug
from upkeep_rig import Rig

from file_service.app import create_app
from file_service.direct.layout import Layout, part_size_of
from file_service.settings import FileSettings
from file_service.storage.multipart import LARGEST_OBJECT, LEAST_PART_BYTES, MOST_PARTS
from file_service.storage.object_store import ObjectStore
from file_service.storage.parts import Part

Serve = Callable[[ASGIApp], Awaitable[str]]
Clients = Callable[..., FileClient]

MIB = 1024 * 1024
PART = 16 * MIB
NOBODYS = "/files/direct/00000000-0000-7000-8000-000000000000"


@pytest.fixture
async def origin(published: FileSettings, serve: Serve) -> str:
    return await serve(create_app(published))


async def set_quota(client_of: Clients, client: DirectClient, quota: int | None) -> None:
    admin = client_of(scope="admin")
    url = f"{admin.origin}/files/usage/{client.files.account}"
    assert (await admin.http.put(url, json={"quota": quota}, headers=admin.headers)).status_code == 200


async def test_parts_that_were_sent_to_the_store_at_once_become_a_file(
    direct: DirectClient, published: FileSettings, leftovers: Leftovers
) -> None:
    content = os.urandom(2 * PART + 6 * MIB)
    answer = await direct.create(len(content), "a/b.bin")
    begun = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert (begun["path"], begun["size"], begun["part_size"], begun["part_count"], begun["file_id"]) == (
        "a/b.bin",
        len(content),
        PART,
        3,
        None,
    )
    where = f"/files/direct/{begun['id']}"
    parts = await direct.parts(where)
    assert [(part["number"], part["size"], part["etag"]) for part in parts] == [
        (1, PART, None),
        (2, PART, None),
        (3, 6 * MIB, None),
    ]
    assert all(part["url"].startswith(f"{published.s3_public_endpoint}/") for part in parts)
    done = await direct.complete(where, await direct.send(where, content))
    assert done.status_code == 201, done.text
    assert (done.json()["path"], done.json()["version"]) == ("a/b.bin", 1)
    await direct.has_file("a/b.bin", content)
    assert await direct.files.usage() == (len(content), 1)
    assert await leftovers.freed() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


async def test_an_upload_to_a_taken_path_is_a_new_version(direct: DirectClient) -> None:
    old = (await direct.files.put("x", b"old")).json()
    new = (await direct.complete(*await direct.sent(b"new"))).json()
    assert (new["id"], new["version"]) == (old["id"], 2)


async def test_a_part_that_is_another_than_was_named_is_refused_and_can_be_named_right(direct: DirectClient) -> None:
    where, named = await direct.sent(bytes(PART + 3))
    wrong = [named[0], {"number": 2, "etag": '"00000000000000000000000000000000"'}]
    answer = await direct.complete(where, wrong)
    assert (answer.status_code, slug(answer), answer.json()["parts"]) == (409, "part-mismatch", [2])
    assert (await direct.files.get("/files")).json()["items"] == []
    bare = [{**part, "etag": part["etag"].strip('"')} for part in reversed(named)]
    assert (await direct.complete(where, bare)).status_code == 201


async def test_a_part_that_did_not_come_is_asked_for_and_can_still_come(
    direct: DirectClient, leftovers: Leftovers
) -> None:
    content = os.urandom(PART + 3)
    where = await direct.created(len(content))
    first, last = (await direct.parts(where))[:2]
    etag = (await direct.put(last, content[PART:])).headers["etag"]
    assert [part["etag"] for part in await direct.parts(where)] == [None, etag]
    assert [part["etag"] for part in await direct.parts(where, first=2, count=1)] == [etag]
    assert await direct.parts(where, first=3) == []
    answer = await direct.complete(where, [{"number": 1, "etag": etag}, {"number": 2, "etag": etag}])
    assert (answer.status_code, slug(answer), answer.json()["parts"]) == (409, "part-mismatch", [1])
    await direct.put(first, content[:PART])
    named = [{"number": part["number"], "etag": part["etag"]} for part in await direct.parts(where)]
    assert (await direct.complete(where, named)).status_code == 201
    await direct.has_file("x", content)
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize("numbers", [[], [1], [2], [1, 1], [1, 2, 2], [1, 2, 3], [1, 3]])
async def test_every_part_is_named_once_and_no_other(direct: DirectClient, numbers: list[int]) -> None:
    where, named = await direct.sent(bytes(PART + 3))
    answer = await direct.complete(where, [{"number": number, "etag": named[0]["etag"]} for number in numbers])
    assert (answer.status_code, slug(answer)) == (422, "parts-incomplete")
    assert (await direct.complete(where, named)).status_code == 201


async def test_the_store_takes_neither_more_nor_fewer_bytes_than_announced(direct: DirectClient) -> None:
    where = await direct.created(10)
    (part,) = await direct.parts(where)

    async def chunked() -> AsyncIterator[bytes]:
        yield bytes(10)

    for content in (b"", bytes(9), bytes(11), bytes(6 * MIB), chunked()):
        assert (await direct.put(part, content)).status_code == 403  # type: ignore[arg-type]
    assert [part["etag"] for part in await direct.parts(where)] == [None]
    assert (await direct.complete(where, await direct.send(where, bytes(10)))).status_code == 201


@pytest.mark.parametrize("size", [9, 11])
async def test_a_part_of_another_size_is_refused_also_where_the_store_took_it(
    direct: DirectClient, rig: Rig, size: int
) -> None:
    """As with a store that does not heed the length in the address."""
    where = await direct.created(10)
    ((key, upload_id),) = await rig.rows("select object_key, multipart_id from files.resumable_uploads")
    part = Part()
    part.add(bytes(size))
    named = [{"number": 1, "etag": await rig.store.put_part(key, upload_id, 1, part)}]
    assert [part["etag"] for part in await direct.parts(where)] == [None]
    answer = await direct.complete(where, named)
    assert (answer.status_code, slug(answer)) == (409, "part-mismatch")
    assert (await direct.files.get("/files")).json()["items"] == []


async def test_what_is_too_large_or_has_no_room_is_refused_before_a_byte_is_sent(
    direct: DirectClient, client_of: Clients, leftovers: Leftovers
) -> None:
    answer = await direct.create(64 * MIB + 1)
    assert (answer.status_code, slug(answer)) == (413, "file-too-large")
    await set_quota(client_of, direct, 100)
    answer = await direct.create(101)
    assert (answer.status_code, slug(answer), answer.json()["left"]) == (507, "quota-exceeded", 100)
    for size in (0, -1, 2**63):
        assert (await direct.create(size)).status_code == 422
    assert await leftovers.uploads() == 0
    assert leftovers.unfinished_uploads() == []


async def test_announced_bytes_count_together_with_those_of_resumable_uploads(
    direct: DirectClient, client_of: Clients
) -> None:
    tus = TusClient(direct.files)
    await set_quota(client_of, direct, 100)
    await tus.created(50)
    where = await direct.created(40)
    assert (await direct.create(11)).status_code == 507
    assert (await tus.create(11)).status_code == 507
    assert (await direct.files.delete(where)).status_code == 204
    assert (await direct.create(50)).status_code == 201


async def test_the_quota_decides_when_the_file_is_made_and_completing_can_be_done_again(
    direct: DirectClient, client_of: Clients, leftovers: Leftovers, published: FileSettings, serve: Serve
) -> None:
    """Also as if the service had been killed between joining the parts and recording the file."""
    content = os.urandom(PART + 3)
    where, named = await direct.sent(content)
    await set_quota(client_of, direct, 10)
    for _ in range(2):
        answer = await direct.complete(where, named)
        assert (answer.status_code, slug(answer)) == (507, "quota-exceeded")
    assert leftovers.unfinished_uploads() == []
    answer = await direct.files.get(f"{where}/parts")
    assert (answer.status_code, slug(answer)) == (409, "upload-assembled")
    await set_quota(client_of, direct, None)
    direct.files.origin = await serve(create_app(published))
    assert (await direct.complete(where, named)).status_code == 201
    await direct.has_file("x", content)
    assert await direct.files.usage() == (len(content), 1)
    assert await leftovers.freed() == await leftovers.rows()


async def test_completing_once_more_answers_the_same_file(direct: DirectClient) -> None:
    where, named = await direct.sent(b"hello")
    first = await direct.complete(where, named)
    for again in (named, [{"number": 1, "etag": "whatever"}]):
        answer = await direct.complete(where, again)
        assert (answer.status_code, answer.json()) == (201, first.json())
    assert (await direct.files.get(where)).json()["file_id"] == first.json()["id"]
    assert slug(await direct.files.get(f"{where}/parts")) == "upload-assembled"
    assert await direct.files.usage() == (5, 1)


async def test_of_many_who_complete_at_once_each_is_told_the_file_or_to_wait(direct: DirectClient) -> None:
    where, named = await direct.sent(os.urandom(PART + 3))
    answers = await asyncio.gather(*(direct.complete(where, named) for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 423}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    file = (await direct.complete(where, named)).json()
    assert file["version"] == 1
    assert await direct.files.usage() == (PART + 3, 1)


async def test_what_was_terminated_takes_no_more_bytes_and_leaves_none(
    direct: DirectClient, leftovers: Leftovers
) -> None:
    where, named = await direct.sent(bytes(PART + 3))
    (part,) = await direct.parts(where, first=2)
    assert (await direct.files.delete(where)).status_code == 204
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []
    assert (await direct.put(part, bytes(3))).status_code == 404
    for answer in (
        await direct.complete(where, named),
        await direct.files.get(f"{where}/parts"),
        await direct.files.get(where),
        await direct.files.delete(where),
    ):
        assert (answer.status_code, slug(answer)) == (404, "upload-not-found")


async def test_terminating_what_has_become_a_file_leaves_the_file(direct: DirectClient) -> None:
    where, named = await direct.sent(b"hello")
    await direct.complete(where, named)
    assert (await direct.files.delete(where)).status_code == 204
    await direct.has_file("x", b"hello")


class Gate:
    """Lets nobody read from the store before it is opened."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()
        self._inner: Any = None

    def around(self, inner: ObjectStore) -> Any:
        self._inner = inner
        return self

    @asynccontextmanager
    async def get(self, key: str, **span: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        async with self._inner.get(key, **span) as chunks:
            self.reached.set()
            await self.open.wait()
            yield chunks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@pytest.fixture
async def gate(direct: DirectClient, published: FileSettings, serve: Serve) -> Gate:
    """Of the service that the client talks to."""
    gate = Gate()
    direct.files.origin = await serve(create_app(published, around_store=gate.around))
    return gate


async def test_what_is_terminated_while_it_is_completed_makes_no_file(
    direct: DirectClient, gate: Gate, leftovers: Leftovers
) -> None:
    where, named = await direct.sent(b"hello")
    completing = asyncio.create_task(direct.complete(where, named))
    await gate.reached.wait()
    assert (await direct.files.delete(where)).status_code == 204
    gate.open.set()
    answer = await completing
    assert (answer.status_code, slug(answer)) == (404, "upload-not-found")
    assert await leftovers.freed() == set()
    assert await direct.files.usage() == (0, 0)


async def test_a_client_that_does_not_wait_for_the_end_finds_the_file_later(direct: DirectClient, gate: Gate) -> None:
    where, named = await direct.sent(b"hello")
    completing = asyncio.create_task(direct.complete(where, named))
    await gate.reached.wait()
    completing.cancel()
    await asyncio.gather(completing, return_exceptions=True)
    answer = await direct.complete(where, named)
    assert (answer.status_code, slug(answer)) == (423, "upload-locked")
    gate.open.set()
    async with asyncio.timeout(20):
        while (answer := await direct.complete(where, named)).status_code == 423:
            pass
    assert answer.status_code == 201
    assert await direct.files.usage() == (5, 1)


async def test_the_type_of_a_file_is_what_its_bytes_are(direct: DirectClient) -> None:
    page = b"<!DOCTYPE html><script>alert(1)</script>"
    for declared, name in (("text/plain", "a.txt"), ("image/png", "a.png"), (None, "a")):
        more = {} if declared is None else {"content_type": declared}
        file = (await direct.complete(*await direct.sent(page, name, **more))).json()
        assert file["content_type"] == "text/html"
    file = (await direct.complete(*await direct.sent(b"a;b\n", "b", content_type="text/csv"))).json()
    assert file["content_type"] == "text/csv"


async def test_what_is_not_allowed_is_refused_when_its_bytes_are_known_and_they_go(
    direct: DirectClient, published: FileSettings, serve: Serve, leftovers: Leftovers
) -> None:
    direct.files.origin = await serve(create_app(published.model_copy(update={"denied_types": ["image/*"]})))
    where, named = await direct.sent(b"\x89PNG\r\n\x1a\n" + bytes(5000), "a.txt", content_type="text/plain")
    answer = await direct.complete(where, named)
    assert (answer.status_code, slug(answer)) == (415, "type-not-allowed")
    assert (await direct.complete(where, named)).status_code == 404
    assert await leftovers.freed() == set()
    assert await direct.files.usage() == (0, 0)


async def test_other_bytes_than_were_meant_are_refused_and_go(direct: DirectClient, leftovers: Leftovers) -> None:
    content = b"hello"
    where, named = await direct.sent(content)
    answer = await direct.complete(where, named, sha256="0" * 64)
    assert (answer.status_code, slug(answer)) == (400, "digest-mismatch")
    assert (await direct.complete(where, named)).status_code == 404
    assert await leftovers.freed() == set()
    where, named = await direct.sent(content)
    for malformed in ("", "0" * 63, "G" * 64):
        assert (await direct.complete(where, named, sha256=malformed)).status_code == 422
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert (await direct.complete(where, named, sha256=digest)).status_code == 201


async def test_someone_elses_upload_is_not_found_on_every_verb(direct: DirectClient, client_of: Clients) -> None:
    eve = DirectClient(client_of())
    where, named = await direct.sent(b"hello")
    for client, path in ((eve, where), (direct, NOBODYS)):
        for answer in (
            await client.files.get(path),
            await client.files.get(f"{path}/parts"),
            await client.complete(path, named),
            await client.files.delete(path),
        ):
            assert (answer.status_code, slug(answer)) == (404, "upload-not-found")
    assert (await direct.complete(where, named)).status_code == 201


async def test_neither_way_of_uploading_knows_the_uploads_of_the_other(direct: DirectClient) -> None:
    tus = TusClient(direct.files)
    resumable = (await tus.created(3)).rpartition("/")[2]
    where, named = await direct.sent(b"abc")
    path = f"/files/uploads/{where.rpartition('/')[2]}"
    for answer in (await tus.head(path), await tus.patch(path, 0, b"abc"), await tus.ask("DELETE", path)):
        assert answer.status_code == 404
    for answer in (
        await direct.files.get(f"/files/direct/{resumable}/parts"),
        await direct.complete(f"/files/direct/{resumable}", named),
        await direct.files.delete(f"/files/direct/{resumable}"),
    ):
        assert answer.status_code == 404
    assert (await tus.patch(f"/files/uploads/{resumable}", 0, b"abc")).status_code == 204
    assert (await direct.complete(where, named)).status_code == 201


@pytest.mark.parametrize("path", ["", "..", "/etc/passwd", "a//b", "a\0b", "x" * 256])
async def test_a_dangerous_path_is_refused(direct: DirectClient, path: str, leftovers: Leftovers) -> None:
    answer = await direct.create(1, path)
    assert (answer.status_code, slug(answer)) == (422, "invalid-path")
    assert await leftovers.uploads() == 0


async def test_a_list_of_all_the_parts_that_there_may_be_is_not_too_long(direct: DirectClient) -> None:
    where = await direct.created(1)
    etag = '"0123456789abcdef0123456789abcdef"'
    named = [{"number": number, "etag": etag} for number in range(1, MOST_PARTS + 1)]
    assert slug(await direct.complete(where, named)) == "parts-incomplete"
    answer = await direct.complete(where, named * 3)
    assert (answer.status_code, slug(answer)) == (413, "content-too-large")
    assert (await direct.create(1, "x" * 70_000)).status_code == 413


async def test_a_store_that_does_not_answer_leaves_no_upload_behind(
    direct: DirectClient, published: FileSettings, serve: Serve, leftovers: Leftovers
) -> None:
    absent = published.model_copy(update={"s3_endpoint": "http://127.0.0.1:1"})
    direct.files.origin = await serve(create_app(absent))
    assert (await direct.create(10)).status_code == 503
    assert await leftovers.uploads() == 0


@pytest.mark.parametrize("size", [1, 5 * MIB, PART, PART + 1, 50 * 1024**3, MOST_PARTS * PART + 1, LARGEST_OBJECT])
def test_any_size_is_cut_into_parts_that_s3_takes(size: int) -> None:
    layout = Layout(size, part_size_of(size))
    assert LEAST_PART_BYTES <= layout.part_size <= 5 * 1024**3
    assert 1 <= layout.count <= MOST_PARTS
    assert [layout.size_of(number) for number in layout.numbers[:-1]] == [layout.part_size] * (layout.count - 1)
    assert 1 <= layout.size_of(layout.count) <= layout.part_size
    assert sum(map(layout.size_of, layout.numbers)) == size
