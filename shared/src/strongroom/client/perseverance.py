"""Decides how long a transfer that breaks off is gone on with."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from strongroom.client.errors import (
    Interrupted,
    Locked,
    Refused,
    StrongroomError,
    TooManyRequests,
    Unavailable,
    Unreachable,
)
from strongroom.retrying import back_off

# What may be otherwise the next time.
PASSING = (Unreachable, Unavailable, TooManyRequests, Locked)
PATIENCE = 60.0
_LEAST_ATTEMPTS = 5


class Perseverance:
    """As long as it gets further; where it does not, for `patience` seconds, and a few times at least: on a slow line
    a single attempt may take longer."""

    def __init__(
        self,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._attempt = 0
        self._until = 0.0

    def got_further(self) -> None:
        self._attempt = 0

    async def pause(self, error: StrongroomError) -> None:
        """Before the next attempt. Raises Interrupted if there is to be none."""
        asked_for = error.retry_after if isinstance(error, Refused) else 0.0
        seconds = max(back_off(self._attempt), asked_for)
        if self._attempt == 0:
            self._until = self._clock() + self._patience
        elif self._attempt >= _LEAST_ATTEMPTS and self._clock() + seconds >= self._until:
            raise Interrupted("Broken off too often") from error
        self._attempt += 1
        await self._sleep(seconds)
