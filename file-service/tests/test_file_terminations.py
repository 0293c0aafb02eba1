"""Uploads that are ended just while the store does something for them make no file and leave nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from bare_store import BareStore, Exchange
from direct_client import DirectClient
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp
from tus_client import TusClient, slug

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom.database import Database

MIB = 1024 * 1024
CONTENT = b"hello"


@pytest.fixture
async def origin(published: FileSettings, bare: BareStore, serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    changes = {"s3_endpoint": bare.endpoint, "sweep_hours": 0, "scrub_days": 0}
    return await serve(create_app(published.model_copy(update=changes)))


async def test_parts_that_are_begun_for_what_is_no_more_are_aborted(
    tus: TusClient, bare: BareStore, leftovers: Leftovers
) -> None:
    path = await tus.created(20 * MIB)

    async def answer(exchange: Exchange) -> None:
        if exchange.what == "begin":
            assert (await tus.ask("DELETE", path)).status_code == 204
        await exchange.do()

    bare.answer = answer
    answered = await tus.patch(path, 0, bytes(9 * MIB))
    assert (answered.status_code, slug(answered)) == (404, "upload-not-found")
    await leftovers.freed()
    assert bare.asked == ["begin", "abort"]


class Parts:
    """A store with the one part of a direct upload. `at` is when the upload is ended, by its client."""

    def __init__(self, direct: DirectClient, at: str) -> None:
        self._direct = direct
        self._at = at
        self.where = ""

    async def answer(self, exchange: Exchange) -> None:
        what = "list" if exchange.method == "GET" and "uploadId" in exchange.query else exchange.what
        if what == self._at:
            self._at = ""
            assert (await self._direct.files.delete(self.where)).status_code == 204
        if what == "list":
            part = f"<Part><PartNumber>1</PartNumber><Size>{len(CONTENT)}</Size><ETag>e</ETag></Part>"
            await exchange.say(
                200, f"<Parts>{part}</Parts>".encode() if exchange.query["part-number-marker"] == "0" else b"<P/>"
            )
        elif what == "get" and "range" in exchange.headers:
            await exchange.say(206, CONTENT, Content_Range=f"bytes 0-4/{len(CONTENT)}")
        elif what == "get":
            await exchange.say(200, CONTENT)
        else:
            await exchange.do()


@pytest.mark.parametrize("at", ["list", "complete", "get"])
async def test_an_object_that_comes_into_being_for_what_is_no_more_is_freed(
    direct: DirectClient, bare: BareStore, leftovers: Leftovers, at: str
) -> None:
    store = Parts(direct, at)
    bare.answer = store.answer
    store.where = await direct.created(len(CONTENT))
    answer = await direct.complete(store.where, [{"number": 1, "etag": "e"}])
    assert (answer.status_code, slug(answer)) == (404, "upload-not-found")
    await leftovers.freed()
    # Once because it was ended, which may have been too early; and then for sure.
    assert bare.asked.count("post") == 2
    assert (await direct.files.get("/files")).json()["items"] == []


async def test_an_upload_whose_parts_are_gone_as_well_is_not_found(direct: DirectClient, bare: BareStore) -> None:
    where = await direct.created(len(CONTENT))

    async def answer(exchange: Exchange) -> None:
        if exchange.method == "GET":
            await direct.files.delete(where)
        await exchange.body()
        await exchange.say(404)

    bare.answer = answer
    answered = await direct.complete(where, [{"number": 1, "etag": "e"}])
    assert (answered.status_code, slug(answered)) == (404, "upload-not-found")


async def test_whoever_gets_the_lease_after_it_was_finished_is_told_the_file(
    direct: DirectClient, ada: FileClient, database: Database, bare: BareStore
) -> None:
    where = await direct.created(len(CONTENT))
    file = (await ada.put("x", CONTENT)).json()
    asked = len(bare.asked)
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "update files.resumable_uploads set finished_at = now(), file_id = $1::text::uuid,"
            " object_key = null, multipart_id = null",
            (file["id"],),
        )
        completing = asyncio.create_task(direct.complete(where, [{"number": 1, "etag": "e"}]))
        async with asyncio.timeout(20):
            while not await waiting(database):  # noqa: ASYNC110 - PostgreSQL tells nobody
                await asyncio.sleep(0.01)
    answer = await completing
    assert (answer.status_code, answer.json()["id"]) == (201, file["id"])
    assert len(bare.asked) == asked


async def waiting(database: Database) -> int:
    """How many statements wait for a lock that another transaction has."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with database.reading() as connection:
        return int((await connection.exec_driver_sql(query)).scalar_one())
