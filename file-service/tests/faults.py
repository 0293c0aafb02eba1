"""Breaks the store and the database at a chosen moment."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Literal, Self
from urllib.parse import urlsplit

from file_service.storage.object_store import ObjectStore, StoredObject, StoreUnavailable

Moment = Literal["before", "during", "after"]


class FaultyStore:
    """Passes everything on, but at the `at`-th call, where it fails before, during or after what it does."""

    _inner: ObjectStore

    def __init__(self, at: int, moment: Moment) -> None:
        self._left = at
        self._moment = moment

    def around(self, inner: ObjectStore) -> Self:
        self._inner = inner
        return self

    @property
    def has_failed(self) -> bool:
        return self._left <= 0

    def _is_due(self) -> bool:
        self._left -= 1
        return self._left == 0

    async def put(self, key: str, chunks: AsyncIterable[bytes], *, size: int | None = None) -> None:
        due = self._is_due()
        self._fail(due, "before")
        await self._inner.put(key, _breaking(chunks) if due and self._moment == "during" else chunks, size=size)
        self._fail(due, "after")

    async def copy(self, source: str, target: str) -> None:
        due = self._is_due()
        self._fail(due and self._moment != "after", self._moment)
        await self._inner.copy(source, target)
        self._fail(due, "after")

    async def delete(self, keys: Iterable[str]) -> None:
        due = self._is_due()
        self._fail(due, "before")
        doomed = list(keys)
        await self._inner.delete(doomed[:1] if due and self._moment == "during" else doomed)
        self._fail(due, self._moment)

    @asynccontextmanager
    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        async with self._inner.get(key, start=start, length=length) as chunks:
            yield chunks

    async def page(self, after: str, limit: int) -> Sequence[StoredObject]:
        return await self._inner.page(after, limit)

    async def ping(self) -> None:
        await self._inner.ping()

    def _fail(self, due: bool, moment: Moment) -> None:
        if due and self._moment == moment:
            raise StoreUnavailable


async def _breaking(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        yield chunk[: len(chunk) // 2]
        raise StoreUnavailable


class CuttingProxy:
    """Stands between the service and PostgreSQL, and cuts the connection at the n-th thing the service says.

    `after` cuts when the server has answered, so that what was said is done and nobody is told.
    """

    def __init__(self, dsn: str) -> None:
        target = urlsplit(dsn)
        self._host, self._port = target.hostname, target.port
        self._credentials = target.netloc.rpartition("@")[0]
        self._rest = target
        self._left = 0
        self._after = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """The DSN through it."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        try:
            yield self._rest._replace(netloc=f"{self._credentials}@{host}:{port}").geturl()
        finally:
            server.close()

    def arm(self, at: int, *, after: bool) -> None:
        self._left, self._after = at, after

    def disarm(self) -> bool:
        """Whether it has cut since it was armed."""
        cut, self._left = self._left == 0, 0
        return cut

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, front = await asyncio.open_connection(self._host, self._port)
        answered = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._forward(reader, front, answered))
                tasks.create_task(_backward(behind, writer, answered))
        except* _Cut:
            pass
        finally:
            writer.transport.abort()
            front.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, front: asyncio.StreamWriter, answered: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while said := await reader.read(65536):
                due = self._left == 1
                self._left = max(0, self._left - 1) if self._left else 0
                if due and not self._after:
                    raise _Cut
                if due:
                    answered.clear()
                    front.write(said)
                    await answered.wait()
                    raise _Cut
                front.write(said)
                await front.drain()
        raise _Cut


class _Cut(Exception):
    pass


async def _backward(behind: asyncio.StreamReader, writer: asyncio.StreamWriter, answered: asyncio.Event) -> None:
    with suppress(ConnectionError):
        while answer := await behind.read(65536):
            answered.set()
            await asyncio.sleep(0)  # a cut that waited for this answer comes first
            writer.write(answer)
            await writer.drain()
    raise _Cut
