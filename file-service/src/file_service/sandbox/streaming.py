"""Hands on what a parser gives while it gives it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from file_service.parsers.contract import Task
from file_service.sandbox.errors import Unreadable
from file_service.sandbox.parser_process import ParserProcess
from file_service.sandbox.sources import Bytes


@asynccontextmanager
async def streamed(
    process: ParserProcess, parser: str, source: Bytes, task: Task, *, patience: float
) -> AsyncIterator[AsyncIterator[bytes]]:
    """The one object that the task gives. Entering raises what `perform` does, also if nothing comes for so long.

    What is raised later comes out of the iterator. Leaving before its end leaves the process in the middle of its task.
    """
    handing = _Handing()
    performing = asyncio.create_task(process.perform(parser, source, task, handing))
    begun = asyncio.create_task(handing.chunks())
    try:
        done, _ = await asyncio.wait({performing, begun}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise Unreadable("took-too-long", "It took too long")
        if performing in done:
            await performing
            raise Unreadable("crashed", "Nothing came out of it")
        yield handing.handed(await begun)
        if handing.is_over:
            await performing
    finally:
        performing.cancel()
        begun.cancel()
        await asyncio.gather(performing, begun, return_exceptions=True)


class _Handing:
    """A `Sink` for one object, which somebody else takes."""

    def __init__(self) -> None:
        self._begun: asyncio.Future[AsyncIterator[bytes]] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    async def chunks(self) -> AsyncIterator[bytes]:
        return await self._begun

    async def handed(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk
        self._over.set()

    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        self._begun.set_result(chunks)
        await self._over.wait()

    async def passage(self, page: int, text: str) -> None:
        pass
