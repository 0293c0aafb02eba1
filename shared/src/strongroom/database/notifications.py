"""Hears PostgreSQL's NOTIFY, over one connection of its own for as many waiters as there are."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from strongroom.database.engine import asyncpg_url

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


class Notifications:
    """Listens on `channels` inside `async with`, and connects again whenever the connection is lost.

    Nothing is missed by whoever takes `upcoming` first, then reads, then waits: after a lost connection all waiters
    are woken too, since nobody knows what was said meanwhile. The connection is tried every `heartbeat` seconds.

    `heard` is called with the channel and what was said, `missed` when the connection is there (again).
    """

    def __init__(
        self,
        url: str,
        *channels: str,
        heartbeat: float = 10,
        patience: float = 5,
        heard: Callable[[str, str], None] | None = None,
        missed: Callable[[], None] | None = None,
    ) -> None:
        # Through SQLAlchemy, so that the address is read as it is everywhere else.
        self._engine = create_async_engine(asyncpg_url(url), poolclass=NullPool, connect_args={"timeout": patience})
        self._upcoming = {channel: asyncio.Event() for channel in channels}
        self._heartbeat = heartbeat
        self._patience = patience
        self._heard = heard
        self._missed = missed
        self._pause = _FIRST_PAUSE
        self._task: asyncio.Task[None] | None = None

    def upcoming(self, channel: str) -> asyncio.Event:
        """Set by the next notification, and then never used again."""
        return self._upcoming[channel]

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_listening())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._engine.dispose()

    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.warning("notifications.lost", channels=list(self._upcoming), cause=repr(error))
            await asyncio.sleep(self._pause * random.uniform(0.5, 1))  # noqa: S311 - only spreads the load
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _listen(self) -> None:
        """Ends by an exception, as soon as the connection does."""
        async with self._engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            with _watched(raw) as lost:
                for channel in self._upcoming:
                    await raw.add_listener(channel, self._hear)
                self._pause = _FIRST_PAUSE
                for channel in self._upcoming:
                    self._wake(channel)
                if self._missed is not None:
                    self._missed()
                while True:
                    await raw.execute("select 1", timeout=self._patience)
                    await self._until(lost)

    async def _until(self, lost: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._heartbeat):
                await lost.wait()
        except TimeoutError:
            return
        raise ConnectionError("PostgreSQL closed the connection")

    def _hear(self, _connection: object, _pid: int, channel: str, payload: str) -> None:
        self._wake(channel)
        if self._heard is not None:
            self._heard(channel, payload)

    def _wake(self, channel: str) -> None:
        event, self._upcoming[channel] = self._upcoming[channel], asyncio.Event()
        event.set()


@contextmanager
def _watched(raw: Any) -> Iterator[asyncio.Event]:
    """Set when the connection ends; without this only the next heartbeat would notice."""
    lost = asyncio.Event()

    def tell(_: object) -> None:
        lost.set()

    raw.add_termination_listener(tell)
    try:
        yield lost
    finally:
        raw.remove_termination_listener(tell)
        # What is closed without a word to the server cannot hang on a server that does not answer.
        raw.terminate()
