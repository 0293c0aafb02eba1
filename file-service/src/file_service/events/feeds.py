"""Reads each owner's log once for all who listen to it in this process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

import structlog

from file_service.events import repository
from file_service.events.errors import EventsGone
from file_service.events.repository import Bounds
from file_service.events.told import Told
from strongroom.database import Database, DatabaseUnavailable
from strongroom.database.notifications import Notifications

log = structlog.get_logger()

_REMEMBERED = 256  # events, for those who are a little behind
_MOST_REMEMBERED = 1024 * 1024  # bytes
_PAGE = 256
_MOST_AT_ONCE = 128 * 1024  # bytes that are sent to one of them in one go
_EACH = 0.0001  # seconds: of waking one listener, by which those of a busy owner are woken less often
_AGAIN = 1.0  # seconds, where the database did not answer


class Feed:
    """What one owner's listeners have in common: the newest events, and the number of the last."""

    def __init__(self) -> None:
        self.last = 0
        self.newest: deque[Told] = deque()
        self._bytes = 0
        self.wakers: set[Callable[[], None]] = set()
        self.news = asyncio.Event()
        self.is_broken = False

    def behind(self, number: int) -> Sequence[Told] | None:
        """The next of those behind `number`. None where the first of them is remembered no more."""
        missing = self.last - number
        if missing > len(self.newest):
            return None
        return some(self.newest[place] for place in range(len(self.newest) - missing, len(self.newest)))

    def add(self, told: Sequence[Told]) -> None:
        for one in told:
            self.newest.append(one)
            self._bytes += one.size
        while len(self.newest) > _REMEMBERED or self._bytes > _MOST_REMEMBERED:
            self._bytes -= self.newest.popleft().size
        self.reach(told[-1].event.number)

    def reach(self, last: int) -> None:
        self.last = last
        self.wake()

    def wake(self) -> None:
        for wake in self.wakers:
            wake()


def some(told: Iterable[Told]) -> Sequence[Told]:
    """The first of them, as many as are sent in one go; at least one."""
    taken: list[Told] = []
    size = 0
    for one in told:
        size += one.size
        if taken and size > _MOST_AT_ONCE:
            break
        taken.append(one)
    return taken


class Feeds:
    """At work inside `async with`. `database` is best one that requests do not wait for: else news wait behind them."""

    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._notifications = Notifications(url, repository.CHANNEL, heard=self._hear, missed=self._look_everywhere)
        self._feeds: dict[UUID, Feed] = {}
        self._following: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._notifications.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for following in self._following:
            following.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self._notifications.__aexit__(kind, error, trace)

    @asynccontextmanager
    async def of(self, owner: UUID, wake: Callable[[], None]) -> AsyncIterator[Feed]:
        """`wake` is called whenever there is more."""
        feed = self._feeds.get(owner) or self._begin(owner)
        feed.wakers.add(wake)
        try:
            yield feed
        finally:
            feed.wakers.discard(wake)
            if not feed.wakers:
                self._feeds.pop(owner, None)
                feed.news.set()  # which ends the reading

    def _begin(self, owner: UUID) -> Feed:
        feed = self._feeds[owner] = Feed()
        following = asyncio.create_task(self._follow(owner, feed))
        self._following.add(following)
        following.add_done_callback(self._following.discard)
        return feed

    async def bounds(self, owner: UUID) -> Bounds:
        async with self._database.reading() as connection:
            return await repository.bounds(connection, owner)

    async def page(self, owner: UUID, after: int) -> Sequence[Told]:
        """Some of those behind `after`, of which there are some. Raises EventsGone if the first of them is not kept."""
        async with self._database.reading() as connection:
            found = await repository.since(connection, owner, after, _PAGE)
        if not found or found[0].number != after + 1:
            raise EventsGone
        return some(Told(event) for event in found)

    async def _follow(self, owner: UUID, feed: Feed) -> None:
        """Until nobody listens."""
        try:
            while feed.wakers:
                try:
                    await self._read_on(owner, feed)
                except DatabaseUnavailable:
                    await asyncio.sleep(_AGAIN)
                    continue
                await asyncio.sleep(len(feed.wakers) * _EACH)
                await feed.news.wait()
        except Exception:  # the outermost handler of this task: nobody is to wait for what never comes
            log.exception("events.reading_failed")
            feed.is_broken = True
            feed.wake()

    async def _read_on(self, owner: UUID, feed: Feed) -> None:
        feed.news.clear()
        async with self._database.reading() as connection:
            if not feed.last:
                feed.reach((await repository.bounds(connection, owner)).last)
            while found := await repository.since(connection, owner, feed.last, _PAGE):
                feed.add([Told(event) for event in found])
                if len(found) < _PAGE:
                    break

    def _hear(self, _: str, payload: str) -> None:
        feed = self._feeds.get(UUID(payload))
        if feed is not None:
            feed.news.set()

    def _look_everywhere(self) -> None:
        for feed in self._feeds.values():
            feed.news.set()
