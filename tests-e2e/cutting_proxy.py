"""A bad connection: passes TCP on, and breaks it whenever so many bytes have gone one way since the last time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_READ = 64 * 1024


@dataclass(frozen=True, slots=True)
class Cuts:
    """`down` where what comes back is counted rather than what goes up."""

    every: int
    times: int
    down: bool = False


class CuttingProxy:
    """After every so many bytes it cuts, so many times; then it is good. `cuts` and `sent` (bytes that way) count.

    `address` is its own host and port.
    """

    def __init__(self, port: int, planned: Cuts) -> None:
        self.cuts = 0
        self.sent = 0
        self.address = ""
        self._port = port
        self._planned = planned
        self._since = 0
        self._ready = threading.Event()
        self._progress = threading.Condition()
        self._over = asyncio.Event()

    @contextmanager
    def listening(self) -> Iterator["CuttingProxy"]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=lambda: loop.run_until_complete(self._serve()))
        thread.start()
        self._ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(self._over.set)
            thread.join()
            loop.close()

    def wait_until_sent(self, count: int, *, within: float = 120) -> None:
        """Until so many bytes have gone that way altogether."""
        with self._progress:
            assert self._progress.wait_for(lambda: self.sent >= count, within), f"only {self.sent} bytes have gone"

    async def _serve(self) -> None:
        passing: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            passing.add(asyncio.create_task(self._pass_on(reader, writer)))

        async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
            self.address = "{}:{}".format(*server.sockets[0].getsockname())
            self._ready.set()
            await self._over.wait()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, front = await asyncio.open_connection("127.0.0.1", self._port)
        down = self._planned.down
        up = asyncio.create_task(_copy(reader, front) if down else self._counted(reader, front))
        back = asyncio.create_task(self._counted(behind, writer) if down else _copy(behind, writer))
        try:
            await asyncio.wait({up, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task, end in ((up, front), (back, writer)):
                task.cancel()
                end.transport.abort()
            await asyncio.gather(up, back, return_exceptions=True)

    async def _counted(self, reader: asyncio.StreamReader, front: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(_READ):
                front.write(chunk)
                await front.drain()
                self._since += len(chunk)
                with self._progress:
                    self.sent += len(chunk)
                    self._progress.notify_all()
                if self.cuts < self._planned.times and self._since >= self._planned.every:
                    self.cuts += 1
                    self._since = 0
                    return


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(_READ):
            target.write(chunk)
            await target.drain()
