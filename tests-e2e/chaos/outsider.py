"""Somebody else at our PostgreSQL, who takes away connections: by a lock that all wait for, or all that there are."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import asyncpg

_ENOUGH = 250  # more than the server gives


class Outsider:
    """Somebody else who uses the same database."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._runner = asyncio.Runner()
        self._connections: list[asyncpg.Connection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
        self._runner.close()

    def execute(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        return self._runner.run(self._execute(statement, *arguments))

    async def _execute(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        return list(await (await self._connect()).fetch(statement, *arguments))

    def lock(self, table: str) -> None:
        """Whoever reads or writes it waits, and keeps a connection meanwhile."""
        self._runner.run(self._lock(table))

    async def _lock(self, table: str) -> None:
        connection = await self._connect()
        await connection.execute("begin")
        await connection.execute(f"lock table {table} in access exclusive mode")

    def take_every_connection(self) -> None:
        """Ends those that others have, and leaves them none to come back with."""
        self._runner.run(self._take_every_connection())

    async def _take_every_connection(self) -> None:
        first = await self._connect()
        with suppress(asyncpg.TooManyConnectionsError):
            for _ in range(_ENOUGH):
                await self._connect()
        others = "select pg_terminate_backend(pid) from pg_stat_activity where pid <> all($1::int[])"
        mine = [await one.fetchval("select pg_backend_pid()") for one in self._connections]
        await first.execute(f"{others} and backend_type = 'client backend'", mine)
        with suppress(asyncpg.TooManyConnectionsError):
            for _ in range(_ENOUGH):
                await self._connect()

    async def _connect(self) -> asyncpg.Connection:
        self._connections.append(await asyncpg.connect(self._dsn, command_timeout=30))
        return self._connections[-1]

    def leave(self) -> None:
        """Gives everything back."""
        for connection in self._connections:
            connection.terminate()
        self._connections.clear()
        self._runner.run(asyncio.sleep(0))  # until the loop has let go of them
