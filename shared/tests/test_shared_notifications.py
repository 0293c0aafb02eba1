"""Whoever waits for a notification is woken, whatever happens to the connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from strongroom.database.notifications import Notifications

MIGRATIONS = Path(__file__).parents[2] / "auth-service" / "migrations"


@pytest.fixture
def url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
async def database(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def woken(event: asyncio.Event) -> None:
    async with asyncio.timeout(20):
        await event.wait()


async def test_each_channel_wakes_its_own_waiters_over_one_connection(url: str, database: asyncpg.Connection) -> None:
    async with Notifications(url, "first", "second") as notifications:
        await woken(notifications.upcoming("second"))  # that it listens
        first, second = notifications.upcoming("first"), notifications.upcoming("second")
        waiters = [asyncio.create_task(woken(first)) for _ in range(100)]
        await database.execute("notify first")
        await asyncio.gather(*waiters)
        assert not second.is_set()
        assert notifications.upcoming("first") is not first
        others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        assert await database.fetchval(others) == 1
    async with asyncio.timeout(20):
        while await database.fetchval(others):
            pass


async def test_what_is_said_is_heard_and_that_something_may_have_been_missed(
    url: str, database: asyncpg.Connection
) -> None:
    heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    missed: asyncio.Queue[bool] = asyncio.Queue()
    async with (
        asyncio.timeout(20),
        Notifications(url, "news", heard=lambda *said: heard.put_nowait(said), missed=lambda: missed.put_nowait(True)),
    ):
        await missed.get()
        await database.execute("notify news, 'of today'")
        assert await heard.get() == ("news", "of today")
        others = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
        await database.execute(f"{others} and pid <> pg_backend_pid()")
        await missed.get()


async def test_what_is_rolled_back_wakes_nobody(url: str, database: asyncpg.Connection) -> None:
    async with Notifications(url, "news") as notifications:
        await woken(notifications.upcoming("news"))
        upcoming = notifications.upcoming("news")
        transaction = database.transaction()
        await transaction.start()
        await database.execute("notify news")
        await transaction.rollback()
        await database.execute("notify news")
        await woken(upcoming)
        assert not notifications.upcoming("news").is_set()


async def test_a_lost_connection_wakes_everybody_once_it_is_back(url: str, database: asyncpg.Connection) -> None:
    async with Notifications(url, "news") as notifications:
        await woken(notifications.upcoming("news"))
        for _ in range(3):
            upcoming = notifications.upcoming("news")
            await database.fetch(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            await woken(upcoming)
            upcoming = notifications.upcoming("news")
            await database.execute("notify news")
            await woken(upcoming)


class Relay:
    """A way to the server that can fall silent without closing, as a broken network does."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._writers: list[asyncio.StreamWriter] = []
        self._silent: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        netloc = f"{self._user()}127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self._target._replace(netloc=netloc).geturl()
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
            await server.wait_closed()

    def _user(self) -> str:
        user, at, _ = self._target.netloc.rpartition("@")
        return user + at

    def fall_silent(self) -> None:
        """For the connections that there are; new ones work."""
        self._silent.update(self._writers)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers += [writer, there[1]]
        with suppress(OSError):
            await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            if writer not in self._silent:
                writer.write(chunk)
                await writer.drain()
        writer.close()


async def test_a_connection_that_fell_silent_is_noticed_and_replaced(url: str, database: asyncpg.Connection) -> None:
    relay = Relay(url)
    async with (
        relay.running() as relayed,
        Notifications(relayed, "news", heartbeat=0.05, patience=0.3) as notifications,
    ):
        await woken(notifications.upcoming("news"))
        upcoming = notifications.upcoming("news")
        relay.fall_silent()
        await woken(upcoming)
        upcoming = notifications.upcoming("news")
        await database.execute("notify news")
        await woken(upcoming)


async def test_a_server_that_comes_later_is_found(url: str) -> None:
    relay = Relay(url)
    async with relay.running() as relayed:
        port = urlsplit(relayed).port
    assert port is not None
    async with Notifications(relayed, "news") as notifications:
        upcoming = notifications.upcoming("news")
        while notifications._pause < 0.3:  # noqa: ASYNC110 - until it has failed twice
            await asyncio.sleep(0.01)
        assert not upcoming.is_set()
        async with relay.running(port):
            await woken(upcoming)
