"""Stands between the service and the store and counts what passes; the bytes are the real store's."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_READ = re.compile(rb"GET /[^/?]+/[^?]")  # of an object, not of a list of them


class StoreTap:
    """`requests` counts reads of objects, `open_connections` what the service has open to the store."""

    def __init__(self, endpoint: str) -> None:
        self._store = urlsplit(endpoint)
        self.endpoint = ""
        self.requests = 0
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    @property
    def open_connections(self) -> int:
        return len(self._open)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["StoreTap"]:
        async with await asyncio.start_server(self._pass_on, "127.0.0.1", 0) as server:
            self.endpoint = "http://{}:{}".format(*server.sockets[0].getsockname())
            yield self
            server.close()
            passing = [task for task in self._open.values() if task is not None]
            for writer in self._open:
                writer.transport.abort()
            await asyncio.gather(*passing)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[writer] = asyncio.current_task()
        store_reader, store_writer = await asyncio.open_connection(self._store.hostname, self._store.port)
        there = asyncio.create_task(self._copy(reader, store_writer, count=True))
        back = asyncio.create_task(self._copy(store_reader, writer))
        await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        for task, end in ((there, store_writer), (back, writer)):
            task.cancel()
            end.transport.abort()
        await asyncio.gather(there, back, return_exceptions=True)
        del self._open[writer]

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, count: bool = False) -> None:
        with suppress(ConnectionError):
            while chunk := await source.read(256 * 1024):
                self.requests += count and _READ.match(chunk) is not None
                target.write(chunk)
                await target.drain()
