"""Resumable uploads that are interrupted: what HEAD tells is stored, and the file is what was sent."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise

import httpx2
import pytest
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp, Receive, Scope, Send
from tus_client import TusClient, slug

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom.database import Database

Serve = Callable[[ASGIApp], Awaitable[str]]

MIB = 1024 * 1024
PART = 8 * MIB
SIZE = 18 * MIB + 321
# What has reached the server's buffers when the connection breaks, and was not asked for yet, is dropped by uvicorn.
IN_BUFFERS = 512 * 1024


class Busy:
    """Tells when a request is over whose answer nobody gets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._begun = self._over = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts = scope["type"] == "http"
        self._begun += counts
        try:
            await self._app(scope, receive, send)
        finally:
            self._over += counts

    async def through(self, request: Awaitable[None]) -> None:
        before = self._begun
        await request
        async with asyncio.timeout(20):
            while self._begun == before or self._over < self._begun:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)


@pytest.fixture
def busy(settings: FileSettings) -> Busy:
    return Busy(create_app(settings))


@pytest.fixture
async def origin(busy: Busy, serve: Serve) -> str:
    return await serve(busy)


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(SIZE)


async def reaches(tus: TusClient, path: str, offset: int) -> None:
    """Returns when HEAD tells that offset."""
    async with asyncio.timeout(20):
        while await tus.offset(path) != offset:  # noqa: ASYNC110 - nobody tells when a broken request is over
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("at", [0, 1, 4095, 4096, MIB, PART - 1, PART, PART + 1, 2 * PART, SIZE - 1])
async def test_a_connection_that_breaks_at_any_byte_loses_hardly_any_before(
    tus: TusClient, busy: Busy, leftovers: Leftovers, content: bytes, at: int
) -> None:
    path = await tus.created(SIZE, "x")
    await busy.through(tus.cut(path, 0, content[:at], announced=SIZE))
    offset = await tus.offset(path)
    assert at - IN_BUFFERS <= offset <= at
    assert (await tus.patch(path, offset, content[offset:])).status_code == 204
    await tus.has_file("x", content)
    assert await leftovers.freed() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


async def test_many_interruptions_make_one_file(
    tus: TusClient, busy: Busy, leftovers: Leftovers, content: bytes
) -> None:
    path = await tus.created(SIZE, "x")
    offsets = [0]
    for step in (1, 3 * MIB, 100, PART, 5 * MIB + 7, 12):
        piece = content[offsets[-1] : offsets[-1] + step]
        await busy.through(tus.cut(path, offsets[-1], piece, announced=SIZE - offsets[-1]))
        offsets.append(await tus.offset(path))
    assert offsets == sorted(offsets)
    assert offsets[-1] > 2 * PART - 4 * IN_BUFFERS
    assert (await tus.patch(path, offsets[-1], content[offsets[-1] :])).status_code == 204
    await tus.has_file("x", content)
    assert await leftovers.freed() == await leftovers.rows()


async def test_bytes_that_all_came_before_the_connection_broke_are_a_file_for_whoever_asks(
    tus: TusClient, busy: Busy
) -> None:
    path = await tus.created(PART, "x")
    come = asyncio.Event()

    async def without_end() -> AsyncIterator[bytes]:
        yield bytes(PART)
        await come.wait()
        raise ConnectionAbortedError

    async def broken_off() -> None:
        sending = asyncio.create_task(tus.patch(path, 0, without_end()))
        async with asyncio.timeout(20):
            # All is there then, and whoever has the lease would finish it.
            while (await tus.head(path)).status_code != 423:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        come.set()
        with pytest.raises(ConnectionAbortedError):
            await sending

    await busy.through(broken_off())
    assert await tus.files.usage() == (0, 0)
    answers = await asyncio.gather(*(tus.head(path) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 423}
    answer = await tus.head(path)
    assert (answer.status_code, answer.headers["upload-offset"]) == (200, str(PART))
    assert "strongroom-file" in answer.headers
    await tus.has_file("x", bytes(PART))
    assert await tus.files.usage() == (PART, 1)


async def test_of_two_requests_at_once_one_is_let_in_and_the_other_is_told_at_once(tus: TusClient) -> None:
    path = await tus.created(PART + 3, "x")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield bytes(PART)
        begun.set()
        await go_on.wait()
        yield b"end"

    first = asyncio.create_task(tus.patch(path, 0, slow()))
    await begun.wait()
    await reaches(tus, path, PART)
    second = await tus.patch(path, PART, b"end")
    assert (second.status_code, slug(second)) == (423, "upload-locked")
    go_on.set()
    assert (await first).status_code == 204
    await tus.has_file("x", bytes(PART) + b"end")


async def test_many_at_once_with_different_bytes_make_a_file_of_one_of_them(tus: TusClient) -> None:
    path = await tus.created(MIB, "x")
    bodies = [bytes([number]) * MIB for number in range(10)]
    answers = await asyncio.gather(*(tus.patch(path, 0, body) for body in bodies))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 204
    assert set(statuses[1:]) <= {409, 423}
    (winner,) = [body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 204]
    await tus.has_file("x", winner)


@pytest.fixture
async def expire_lease(database: Database) -> Callable[[float], Awaitable[None]]:
    """As if a service had been killed with the lease, so many seconds before it would have ended."""

    async def leave(seconds: float) -> None:
        async with database.begin() as tx:
            await tx.exec_driver_sql(
                "update files.resumable_uploads set lease_token = gen_random_uuid(),"
                " leased_until = clock_timestamp() + make_interval(secs => $1)",
                (seconds,),
            )

    return leave


async def test_the_lease_of_a_killed_service_ends_by_itself(
    tus: TusClient, expire_lease: Callable[[float], Awaitable[None]]
) -> None:
    path = await tus.created(3, "x")
    await expire_lease(60)
    assert (await tus.patch(path, 0, b"abc")).status_code == 423
    await expire_lease(0)
    assert (await tus.patch(path, 0, b"abc")).status_code == 204
    await tus.has_file("x", b"abc")


async def test_whoever_lost_the_lease_changes_nothing_any_more(
    tus: TusClient, expire_lease: Callable[[float], Awaitable[None]], leftovers: Leftovers
) -> None:
    path = await tus.created(20 * MIB, "x")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield bytes(PART)
        begun.set()
        await go_on.wait()
        yield b"late"

    first = asyncio.create_task(tus.patch(path, 0, slow()))
    await begun.wait()
    await reaches(tus, path, PART)
    await expire_lease(0)
    second = await tus.patch(path, PART, b"other")
    assert (second.status_code, second.headers["upload-offset"]) == (204, str(PART + 5))
    go_on.set()
    assert (await first).status_code == 423
    assert await tus.offset(path) == PART + 5
    rest = bytes(20 * MIB - PART - 5)
    assert (await tus.patch(path, PART + 5, rest)).status_code == 204
    await tus.has_file("x", bytes(PART) + b"other" + rest)
    assert await leftovers.freed() == await leftovers.rows()


async def test_termination_during_a_request_ends_it_and_frees_everything(tus: TusClient, leftovers: Leftovers) -> None:
    path = await tus.created(20 * MIB, "x")
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield bytes(PART)
        begun.set()
        await go_on.wait()
        yield bytes(PART + 1)

    sending = asyncio.create_task(tus.patch(path, 0, slow()))
    await begun.wait()
    await reaches(tus, path, PART)
    assert (await tus.ask("DELETE", path)).status_code == 204
    go_on.set()
    answer = await sending
    assert (answer.status_code, slug(answer)) == (404, "upload-not-found")
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize("at", [100, PART, PART + 100])
async def test_another_service_goes_on_where_one_was_stopped(
    tus: TusClient, settings: FileSettings, serve: Serve, http: httpx2.AsyncClient, content: bytes, at: int
) -> None:
    path = await tus.created(SIZE, "x")
    assert (await tus.patch(path, 0, content[:at])).status_code == 204
    other = TusClient(FileClient(http, await serve(create_app(settings)), tus.files.token))
    assert await other.offset(path) == at
    assert (await other.patch(path, at, content[at:])).status_code == 204
    await tus.has_file("x", content)


async def test_two_services_in_turns_make_what_was_sent(
    tus: TusClient, settings: FileSettings, serve: Serve, http: httpx2.AsyncClient, content: bytes
) -> None:
    path = await tus.created(SIZE, "x")
    other = TusClient(FileClient(http, await serve(create_app(settings)), tus.files.token))
    ends = [0, 100, PART - 1, PART + 100, 2 * PART, SIZE]
    for number, (start, end) in enumerate(pairwise(ends)):
        assert (await (tus, other)[number % 2].patch(path, start, content[start:end])).status_code == 204
    await tus.has_file("x", content)


async def test_an_upload_that_was_assembled_but_not_recorded_is_finished_by_whoever_asks(
    tus: TusClient, database: Database, leftovers: Leftovers, content: bytes
) -> None:
    """As if the service had been killed between completing the parts and recording the file."""
    path = await tus.created(SIZE, "x")
    async with database.begin() as tx:  # a quota that is too small by now makes it stop right there
        await tx.exec_driver_sql(
            "insert into files.owners (owner_id, quota) values ($1::text::uuid, 0)"
            " on conflict (owner_id) do update set quota = 0",
            (tus.files.account,),
        )
    refused = await tus.patch(path, 0, content)
    assert (refused.status_code, slug(refused)) == (507, "quota-exceeded")
    assert leftovers.unfinished_uploads() == []
    assert (await tus.head(path)).status_code == 507
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.owners set quota = null")
    answers = await asyncio.gather(*(tus.head(path) for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {200, 423}
    assert (await tus.head(path)).status_code == 200
    await tus.has_file("x", content)
    assert await tus.files.usage() == (SIZE, 1)
    assert await leftovers.freed() == await leftovers.rows()
