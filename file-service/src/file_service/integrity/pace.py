"""Holds a reader back, so that it disturbs nobody."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """At most so many bytes a second. Time in which less was read is not made up for."""

    def __init__(
        self,
        bytes_per_second: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bytes_per_second = bytes_per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._due = 0.0

    async def spend(self, bytes_: int) -> None:
        now = self._monotonic()
        self._due = max(self._due, now) + bytes_ / self._bytes_per_second
        await self._sleep(self._due - now)
