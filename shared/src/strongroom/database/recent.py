"""Remembers what a query told, so that however many ask, the database is asked now and then."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger()

_PATIENCE = 2.0


class Recent(Generic[T]):
    """`value` is what `query` gave, `every` seconds before `look` at most. None where it could not be asked."""

    def __init__(
        self, query: Callable[[], Awaitable[T]], *, every: float = 10, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._query = query
        self._every = every
        self._clock = clock
        self._asked_at: float | None = None
        self._turn = asyncio.Lock()
        self.value: T | None = None

    async def look(self) -> None:
        """Never raises, and takes two seconds at most: who watches is to see the rest all the same."""
        async with self._turn:
            now = self._clock()
            if self._asked_at is not None and now - self._asked_at < self._every:
                return
            self._asked_at = now
            try:
                async with asyncio.timeout(_PATIENCE):
                    self.value = await self._query()
            except Exception as error:  # noqa: BLE001 - whatever it was, there is nothing to tell
                log.warning("metrics.unknown", cause=type(error).__name__)
                self.value = None
