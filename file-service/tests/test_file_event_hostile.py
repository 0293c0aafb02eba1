"""Listeners that take nothing, or say too much: they cost little, for a short time, and nobody else anything."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import jwt
import pytest
from event_client import listening, next_of
from event_rows import add_events
from fastapi import FastAPI
from file_client import FileClient
from raw_listener import CLOSE, CONTINUATION, PING, TEXT, RawListener, frame
from starlette.types import ASGIApp

from file_service.app import create_app
from file_service.events import feeds
from file_service.events.audience import Audience
from file_service.events.listening import Ending, Listener
from file_service.events.repository import Event
from file_service.events.told import Told
from file_service.settings import FileSettings
from strongroom.database import Database
from strongroom.testing import TestIssuer
from strongroom.web.parts import part

Raw = Callable[[], RawListener]
_MUCH = {"count": 400, "filling": 20_000}  # more than all the buffers between the two


@pytest.fixture
def app(settings: FileSettings, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """One that has less patience."""
    monkeypatch.setattr("file_service.events.audience._PATIENCE", 0.5)
    monkeypatch.setattr("strongroom.web.bounded_transport._SECONDS", 1.0)
    return create_app(settings)


@pytest.fixture
async def origin(app: FastAPI, serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    return await serve(app)


@pytest.fixture
async def ada(client_of: Callable[..., FileClient]) -> FileClient:
    client = client_of()
    assert (await client.upload(b"", path="1.bin")).status_code == 201
    return client


@pytest.fixture
def raw(ada: FileClient) -> Iterator[Raw]:
    with ExitStack() as made:

        def make() -> RawListener:
            one = RawListener(ada)
            made.callback(one.close)
            return one

        yield make


def listeners(app: FastAPI) -> set[Listener]:
    return part(app, Audience)._listeners


async def ending(listener: Listener) -> Ending:
    async with asyncio.timeout(20):
        while listener.ending is None:  # noqa: ASYNC110 - nobody else is told
            await asyncio.sleep(0.02)
    return listener.ending


async def nobody_left(app: FastAPI) -> None:
    async with asyncio.timeout(20):
        while listeners(app):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_one_that_takes_nothing_is_cut_off_and_the_others_hear_all(
    app: FastAPI, raw: Raw, ada: FileClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strongroom.web.bounded_transport._SECONDS", 30)  # time enough to see why
    slow = raw()
    await slow.upgrade()
    (listener,) = listeners(app)
    async with listening(ada, after=1) as quick:
        await add_events(database, **_MUCH)
        assert [int(event["id"]) for event in await next_of(quick, 400)] == list(range(2, 402))
        assert await ending(listener) is Ending.TOO_SLOW
    assert b"too-slow" in (await slow.rest())[-20:]
    await nobody_left(app)


async def test_one_that_takes_nothing_and_does_not_read_on_is_gone_soon(
    app: FastAPI, raw: Raw, ada: FileClient, database: Database
) -> None:
    await add_events(database, **_MUCH)
    for ask in (raw().upgrade, raw().stream):
        await ask("?after=0")
    await nobody_left(app)


@pytest.mark.parametrize("farewell", [frame(CLOSE, struct.pack("!H", 1000)), b""], ids=["close", "half-closed"])
@pytest.mark.parametrize("count", [8, 1000], ids=["fits into the buffers", "does not"])
async def test_one_that_says_goodbye_and_takes_nothing_is_gone_soon(
    app: FastAPI, raw: Raw, ada: FileClient, database: Database, farewell: bytes, count: int
) -> None:
    await add_events(database, count, filling=16_000)
    slow = raw()
    await slow.upgrade("?after=0")
    (listener,) = listeners(app)
    protocol = listener._cut.__self__  # type: ignore[union-attr]
    if farewell:
        slow.send(farewell)
    else:
        slow.shut()
    await nobody_left(app)
    async with asyncio.timeout(20):
        while not protocol.disconnected:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("count", [8, 1000], ids=["fits into the buffers", "does not"])
async def test_a_farewell_that_is_not_taken_is_not_waited_for(
    app: FastAPI, raw: Raw, ada: FileClient, database: Database, issuer: TestIssuer, count: int
) -> None:
    await raw().stream("?after=1")
    await add_events(database, count, filling=16_000)
    issuer.revoke(session=jwt.decode(str(ada.token), options={"verify_signature": False})["sid"])
    await nobody_left(app)


@pytest.mark.parametrize(
    "said",
    [frame(PING, b"x" * 125), frame(CONTINUATION, last=False), frame(TEXT)],
    ids=["pings", "empty pieces", "empty messages"],
)
async def test_who_says_too_much_is_cut_off(app: FastAPI, raw: Raw, ada: FileClient, said: bytes) -> None:
    loud = raw()
    await loud.upgrade()
    if said[0] == CONTINUATION:
        loud.send(frame(TEXT, last=False))
    sent = await loud.flood(said * 1000, seconds=20)
    assert sent < 64 * 1024 * 1024
    await nobody_left(app)


def test_what_is_sent_in_one_go_and_what_is_remembered_is_bounded_in_bytes() -> None:
    told = [Told(_event(number, 50_000)) for number in range(1, 101)]
    feed = feeds.Feed()
    feed.add(told)
    assert sum(one.size for one in feed.newest) <= feeds._MOST_REMEMBERED
    batch = feed.behind(98 - len(feed.newest) + 2)
    assert batch is not None
    assert sum(one.size for one in batch) <= feeds._MOST_AT_ONCE
    assert [one.event.number for one in feeds.some([Told(_event(1, 10**6)), *told])] == [1]


def _event(number: int, size: int) -> Event:
    return Event(number, "file.updated", "a", None, '"' + "x" * (size - 2) + '"', datetime.now(UTC))


async def test_replays_are_whole_where_each_page_is_small(ada: FileClient, database: Database) -> None:
    await add_events(database, 300, filling=5000)
    async with listening(ada, after=0) as connection:
        assert [int(event["id"]) for event in await next_of(connection, 301)] == list(range(1, 302))
