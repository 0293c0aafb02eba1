"""One client that listens: where it is in the log, and why it is to hear no more."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from file_service.events.errors import EventsGone
from file_service.events.feeds import Feed, Feeds
from file_service.events.told import Told
from file_service.events.wanted import Wanted
from strongroom import Principal
from strongroom.database import DatabaseUnavailable
from strongroom.web.cutting import Cut


class Ending(Enum):
    """The close code (RFC 6455 §7.4) and the reason that a client is told."""

    TOKEN_ENDED = (4401, "token-ended")
    TOO_SLOW = (4408, "too-slow")
    GONE = (4410, "events-gone")
    BROKEN = (1011, "broken")
    STOPPING = (1012, "stopping")
    CLIENT_LEFT = (1000, "client-left")

    @property
    def code(self) -> int:
        return self.value[0]

    @property
    def reason(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks for what: all behind the event `after`, or, where that is None, what happens from now on."""

    principal: Principal
    wanted: Wanted
    after: int | None


class Listener:
    """`cut` ends the connection of a client that takes nothing any more."""

    def __init__(self, owner: UUID, request: Request, cut: Cut | None) -> None:
        self.owner = owner
        self.principal = request.principal
        self._wanted = request.wanted
        self.position = 0  # the number of the last event that was looked at
        self.heard = 0  # events
        self.ending: Ending | None = None
        self.sending_since: float | None = None
        self._cut = cut
        self._heartbeat = False
        self._waiting: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def beat(self) -> None:
        self._heartbeat = True
        self.wake()

    def end(self, ending: Ending) -> None:
        if self.ending is None:
            self.ending = ending
            self.wake()
            if self.sending_since is not None:
                self.cut(ending)

    def cut(self, ending: Ending) -> None:
        """Ends the connection too. Once: nothing is asked twice of one that is ending."""
        cutting, self._cut = self._cut, None
        if cutting is not None:
            cutting(*ending.value)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Around what takes as long as the client takes to receive."""
        self.sending_since = time.monotonic()
        try:
            yield
        finally:
            self.sending_since = None

    async def batches(self, feeds: Feeds, after: int) -> AsyncIterator[Sequence[Told]]:
        """What is wanted of all behind `after`, in order, until `ending` is set; an empty one is a heartbeat."""
        self.position = after
        async with feeds.of(self.owner, self.wake) as feed:
            while self.ending is None:
                if feed.is_broken:
                    self.end(Ending.BROKEN)
                elif feed.last > self.position:
                    wanted = await self._next(feed, feeds)
                    if wanted:
                        self.heard += len(wanted)
                        yield wanted
                elif self._heartbeat:
                    self._heartbeat = False
                    yield ()
                else:
                    await self._wait()

    async def _next(self, feed: Feed, feeds: Feeds) -> Sequence[Told]:
        try:
            told = feed.behind(self.position) or await feeds.page(self.owner, self.position)
        except EventsGone:
            self.end(Ending.GONE)
            return ()
        except DatabaseUnavailable:
            self.end(Ending.BROKEN)
            return ()
        self.position = told[-1].event.number
        return [one for one in told if one.event in self._wanted]

    async def _wait(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None
