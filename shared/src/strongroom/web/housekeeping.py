"""Does again and again, in the background, what keeps the tables from growing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from strongroom.web.background import first_of, in_background

log = structlog.get_logger()

Chore = Callable[[], Awaitable[None]]


def housekeeping(chores: Sequence[Chore], *, every: float = 60, after: float = 0) -> AbstractAsyncContextManager[None]:
    """Each chore once after so many seconds and then every so many, one after the other, until the exit."""

    async def keep_doing(stop: asyncio.Event) -> None:
        if after:
            await first_of(stop, within=after)
        while not stop.is_set():
            for chore in chores:
                try:
                    await chore()
                except Exception as error:  # nobody else could handle it, and it is tried again
                    log.warning("housekeeping.failed", chore=chore.__qualname__, exc_info=error)
            await first_of(stop, within=every)

    return in_background(keep_doing)
