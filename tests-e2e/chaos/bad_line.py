"""A line to a store: TCP is passed on, until the line is cut, falls silent, or becomes slow. Then it can be mended."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_PIECE = 16 * 1024
_PATIENCE = 20  # seconds that a word to the line may take to reach it


class BadLine:
    """Its own `port` stays the same wherever it leads to."""

    def __init__(self) -> None:
        self.port = 0
        self._target = 0
        self._pace: float | None = None
        self._is_cut = False
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._passing: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._speaks = asyncio.Event()
        self._speaks.set()

    @contextmanager
    def listening(self) -> Iterator["BadLine"]:
        thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))
        thread.start()
        assert self._ready.wait(_PATIENCE)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            thread.join()
            self._loop.close()

    def lead_to(self, port: int) -> None:
        self._target = port

    def cut(self) -> None:
        """What is under way breaks, and whoever comes is turned away."""
        self._tell(self._cut)

    def fall_silent(self) -> None:
        """Nothing passes and nothing breaks. What was sent meanwhile arrives once it is mended, as TCP has it."""
        self._tell(self._speaks.clear)

    def slow_down(self, bytes_per_second: int) -> None:
        """Each connection, either way."""
        self._pace = bytes_per_second

    def mend(self) -> None:
        self._is_cut = False
        self._pace = None
        self._tell(self._speaks.set)

    def _cut(self) -> None:
        self._is_cut = True
        for task in self._passing:
            task.cancel()

    def _tell(self, what: Callable[[], None]) -> None:
        """Returns when it holds."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(what)
        self._loop.call_soon_threadsafe(done.set)
        assert done.wait(_PATIENCE)

    async def _serve(self) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(self._pass_on(reader, writer))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

        async with await asyncio.start_server(accept, "127.0.0.1", 0, limit=_PIECE) as server:
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()
            await self._over.wait()
            self._cut()
            await asyncio.gather(*self._passing, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # nobody is there: whoever came is turned away
            try:
                if not self._is_cut:
                    await self._speaks.wait()
                    await self._both_ways(reader, writer)
            finally:
                writer.transport.abort()

    async def _both_ways(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, front = await asyncio.open_connection("127.0.0.1", self._target, limit=_PIECE)
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._copy(reader, front))
                ways.create_task(self._copy(behind, writer))
        except* OSError:
            pass  # one side has broken it, and so it breaks for the other
        finally:
            front.transport.abort()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while piece := await source.read(_PIECE):
            await self._speaks.wait()
            if self._pace is not None:
                await asyncio.sleep(len(piece) / self._pace)
            target.write(piece)
            await target.drain()
        # The other way may still have something to say.
        target.write_eof()
