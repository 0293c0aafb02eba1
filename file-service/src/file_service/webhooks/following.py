"""Wakes the dispatching: when PostgreSQL tells of an event, and now and then, in case it did not."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from file_service.events.repository import CHANNEL
from file_service.webhooks.dispatching import Dispatching
from strongroom.database.notifications import Notifications
from strongroom.web.background import first_of, in_background
from strongroom.web.housekeeping import housekeeping

log = structlog.get_logger()

_HOUR = 3600.0


class _Told:
    """The owners in whose logs there is something new; it is not remembered how often they were told of."""

    def __init__(self) -> None:
        self._owners: set[UUID] = set()
        self._everybody = False
        self.news = asyncio.Event()

    def heard(self, _: str, payload: str) -> None:
        self.more({UUID(payload)})

    def more(self, owners: Collection[UUID]) -> None:
        if owners:
            self._owners.update(owners)
            self.news.set()

    def missed(self) -> None:
        self._everybody = True
        self.news.set()

    def taken(self) -> set[UUID] | None:
        """None is everybody."""
        owners, everybody = self._owners, self._everybody
        self._owners, self._everybody = set(), False
        self.news.clear()
        return None if everybody else owners


@asynccontextmanager
async def following(
    dispatching: Dispatching, url: str, *, due_every: float = 1, look_every: float = 30
) -> AsyncIterator[None]:
    """At work while inside. What is due is sent within `due_every` seconds; no event waits longer than `look_every`."""
    told = _Told()

    async def look_at_everybody() -> None:
        told.missed()

    async def follow(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await first_of(told.news, stop, within=look_every)
            try:
                told.more(await dispatching.catch_up_with(told.taken()))
            except Exception as error:  # nobody else could handle it, and everybody is looked at soon
                log.warning("webhooks.dispatching_failed", exc_info=error)

    async with (
        in_background(follow),
        Notifications(url, CHANNEL, heard=told.heard, missed=told.missed),
        housekeeping([dispatching.send_due], every=due_every),
        housekeeping([look_at_everybody], every=look_every),
        housekeeping([dispatching.prune], every=_HOUR),
    ):
        yield
