"""The connection that pgqueuer works on: statements run to their end, also when whoever waits for one is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver

T = TypeVar("T")


class UnhurriedDriver(AsyncpgDriver):
    """pgqueuer cancels what it does in the background when it stops.

    To cut a statement off, asyncpg would connect once more and ask the server to cancel it, and nobody waits for that.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._running: set[asyncio.Task[Any]] = set()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return await self._whole(super().fetch(query, *args))

    async def execute(self, query: str, *args: object) -> str:
        return await self._whole(super().execute(query, *args))

    async def notify(self, channel: str, payload: str) -> None:
        await self._whole(super().notify(channel, payload))

    async def settle(self) -> None:
        """Before the connection is closed. Each statement has its own time limit."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _whole(self, statement: Coroutine[Any, Any, T]) -> T:
        task = asyncio.create_task(statement)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)
