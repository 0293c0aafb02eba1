"""All who listen in this process: how many may, and who is to hear no more."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self
from uuid import UUID

from starlette.types import Scope

from file_service.access import account_of
from file_service.events.errors import EventsGone, TooManyListeners
from file_service.events.feeds import Feeds
from file_service.events.listening import Ending, Listener, Request
from file_service.events.told import Told
from strongroom import TokenVerifier
from strongroom.web.cutting import cut_of
from strongroom.web.waiting import stopping_of

_WATCH = 0.5  # seconds
_HEARTBEAT = 15.0
_PATIENCE = 10.0  # of one that takes nothing


class Audience:
    """At most `most` listen at once, and `most_each` of one account. At work inside `async with`.

    Whose token expires or is revoked hears no more within a second, and neither does who takes nothing for ten: what is
    kept for one that is slow is what the connection holds, and nobody else waits for it.
    """

    def __init__(self, feeds: Feeds, verifier: TokenVerifier, *, most: int, most_each: int) -> None:
        self._feeds = feeds
        self._verifier = verifier
        self._most = most
        self._most_each = most_each
        self._listeners: set[Listener] = set()
        self._heard_before = 0  # by those who left
        self._of_account: Counter[UUID] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._stopping: asyncio.Event | None = None

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._watching is not None
        self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching

    async def position(self, account: UUID, after: int | None) -> int:
        """Where to begin: behind the event `after`, or with what happens from now on. Raises EventsGone."""
        bounds = await self._feeds.bounds(account)
        if after is None:
            return bounds.last
        if not bounds.before <= after <= bounds.last:
            raise EventsGone
        return after

    @contextmanager
    def seat(self, request: Request, scope: Scope) -> Iterator[Listener]:
        """Raises TooManyListeners, NoOwner."""
        account = account_of(request.principal).id
        if len(self._listeners) >= self._most or self._of_account[account] >= self._most_each:
            raise TooManyListeners
        self._stopping = stopping_of(scope) or self._stopping
        listener = Listener(account, request, cut_of(scope))
        self._listeners.add(listener)
        self._of_account[account] += 1
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            self._heard_before += listener.heard
            self._of_account[account] -= 1
            if not self._of_account[account]:
                del self._of_account[account]

    def batches(self, listener: Listener, after: int) -> AsyncIterator[Sequence[Told]]:
        """What the listener is to hear, in order, until it is to hear no more; an empty one is a heartbeat."""
        return listener.batches(self._feeds, after)

    @property
    def size(self) -> int:
        return len(self._listeners)

    @property
    def heard(self) -> int:
        """How many events, each as often as somebody was sent it."""
        return self._heard_before + sum(listener.heard for listener in self._listeners)

    async def _watch(self) -> None:
        beat_at = time.monotonic() + _HEARTBEAT
        while True:
            await asyncio.sleep(_WATCH)
            now = time.monotonic()
            for listener in list(self._listeners):
                self._judge(listener, now)
                if now >= beat_at:
                    listener.beat()
            if now >= beat_at:
                beat_at = now + _HEARTBEAT

    def _judge(self, listener: Listener, now: float) -> None:
        if listener.sending_since is not None and now - listener.sending_since > _PATIENCE:
            listener.end(Ending.TOO_SLOW)
            listener.cut(Ending.TOO_SLOW)  # also where it is its farewell that it does not take
        elif self._stopping is not None and self._stopping.is_set():
            listener.end(Ending.STOPPING)
        elif not self._verifier.still_admits(listener.principal):
            listener.end(Ending.TOKEN_ENDED)
