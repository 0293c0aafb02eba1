"""Feeds verifiers with what they must refuse, as soon as it is committed by whichever replica."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from auth_service.revocations import repository
from auth_service.revocations.repository import CHANNEL, Revocation
from strongroom.database import Database
from strongroom.database.notifications import Notifications

PAGE = 1000
_MOST_WAITING = 1000
# What has expired is kept for a while longer, so that a follower's last number rarely goes before the follower is back.
_REMEMBERED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a follower has read: a revocation's number, and a mark to know that very revocation by.

    In a database that was restored from a backup the same number is given a second time, to another one.
    """

    number: int
    mark: str | None = None


START = Position(0)


@dataclass(frozen=True, slots=True)
class Page:
    """`reset` says that the position asked for is not one of this database, and the page starts from the beginning."""

    items: Sequence[Revocation]
    next: Position
    more: bool
    reset: bool = False


class Revocations:
    """Reads for all who ask the same at the same time are one, and waiting holds no connection."""

    def __init__(
        self,
        database: Database,
        notifications: Notifications,
        *,
        most_waiting: int = _MOST_WAITING,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._notifications = notifications
        self._places = asyncio.Semaphore(most_waiting)
        self._clock = clock
        self._reads: dict[tuple[asyncio.Event, Position], asyncio.Task[Page]] = {}

    async def after(self, position: Position, wait: float) -> Page:
        """What came after that position, at once if there is something, else after at most `wait` seconds.

        When too many are waiting already, the answer comes at once too, and may be empty.
        """
        if wait <= 0 or self._places.locked():
            return await self._read(self._notifications.upcoming(CHANNEL), position)
        async with self._places:
            return await self._waited(position, asyncio.get_running_loop().time() + wait)

    async def _waited(self, position: Position, deadline: float) -> Page:
        while True:
            upcoming = self._notifications.upcoming(CHANNEL)  # before reading: what comes in between must wake
            page = await self._read(upcoming, position)
            if page.items or page.reset:
                return page
            try:
                async with asyncio.timeout_at(deadline):
                    await upcoming.wait()
            except TimeoutError:
                return page

    async def _read(self, upcoming: asyncio.Event, position: Position) -> Page:
        """Shares a read that began since the last notification: what that told of, it sees."""
        key = (upcoming, position)
        task = self._reads.get(key)
        if task is None:
            task = self._reads[key] = asyncio.create_task(self._page(position))
            task.add_done_callback(lambda done: self._over(key, done))
        # Shielded: one client that goes must not cancel what others wait for.
        return await asyncio.shield(task)

    def _over(self, key: tuple[asyncio.Event, Position], task: asyncio.Task[Page]) -> None:
        del self._reads[key]
        if not task.cancelled():
            task.exception()  # marks it as seen: whoever asked may be gone

    async def _page(self, position: Position) -> Page:
        async with self._database.reading() as connection:
            rows = await repository.beginning_at(connection, position.number, self._clock(), PAGE + 1)
            if position.number == 0:
                return _page(rows, START)
            found = _position(rows[0]) if rows else START
            if found.number == position.number and position.mark in {None, found.mark}:
                return _page(rows[1:], found)
            rows = await repository.beginning_at(connection, 0, self._clock(), PAGE + 1)
        return replace(_page(rows, START), reset=True)

    async def aclose(self) -> None:
        """Waits for reads that nobody waits for any more: the pool must not be closed under them."""
        await asyncio.gather(*self._reads.values(), return_exceptions=True)

    async def prune(self) -> None:
        async with self._database.begin() as tx:
            await repository.prune(tx, self._clock() - _REMEMBERED)


def _page(rows: Sequence[Revocation], position: Position) -> Page:
    """Of as many rows as a page holds, and at least one more if there are more."""
    items = rows[:PAGE]
    return Page(items, next=_position(items[-1]) if items else position, more=len(rows) > PAGE)


def _position(revocation: Revocation) -> Position:
    return Position(revocation.number, f"{revocation.revoked_at.timestamp() * 1_000_000:.0f}")
