"""Runs something beside the requests until the service stops, and lets it finish its turn then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_PATIENCE = 5.0


@asynccontextmanager
async def in_background(loop: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
    """`loop` is given an event that says it should return; it is cancelled only if it does not within five seconds.

    Cancelling at once would cut a statement off half way, and that costs its connection.
    """
    stop = asyncio.Event()
    task = asyncio.ensure_future(loop(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait({task}, timeout=_PATIENCE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def first_of(*events: asyncio.Event, within: float) -> None:
    """Returns when one of the events is set, or after so many seconds."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=within, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
