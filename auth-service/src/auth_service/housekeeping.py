"""Does again and again, in the background, what keeps the tables from growing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger()

Chore = Callable[[], Awaitable[None]]


@asynccontextmanager
async def housekeeping(chores: Sequence[Chore], *, every: float = 60) -> AsyncIterator[None]:
    """Each chore once at the beginning and then every so many seconds, one after the other, until the exit."""
    task = asyncio.create_task(_keep_doing(chores, every))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_doing(chores: Sequence[Chore], every: float) -> None:
    while True:
        for chore in chores:
            try:
                await chore()
            except Exception as error:  # nobody else could handle it, and it is tried again
                log.warning("housekeeping.failed", chore=chore.__qualname__, exc_info=error)
        await asyncio.sleep(every)
