"""Fetches what is missing of a file, several ranges at a time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing

from strongroom.client.part_file import PartFile
from strongroom.client.perseverance import PASSING, Perseverance
from strongroom.client.progress import Progress
from strongroom.client.representations import Representation, Representations
from strongroom.client.spans import Span

# Of one request. After each it is noted how far it has got.
_RANGE = 16 * 1024 * 1024
_WRITE = 1024 * 1024


class Ranges:
    def __init__(
        self,
        source: Representations,
        part: PartFile,
        wanted: Representation,
        perseverance: Callable[[], Perseverance],
        told: Progress,
    ) -> None:
        self._source = source
        self._part = part
        self._wanted = wanted
        self._perseverance = perseverance
        self._told = told
        self._done = part.spans.total

    async def fetch(self, parallel: int) -> None:
        """What is there is noted in any case. Raises PreconditionFailed, Interrupted, OSError."""
        missing = self._part.spans.missing(self._wanted.size, _RANGE)
        waiting = iter(missing)
        self._told(self._done, self._wanted.size)
        workers = [asyncio.create_task(self._work(waiting)) for _ in range(min(max(parallel, 1), len(missing)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await asyncio.to_thread(self._part.note)

    async def _work(self, waiting: Iterator[Span]) -> None:
        for start, end in waiting:
            await self._range(start, end)
            await asyncio.to_thread(self._part.note)
            await asyncio.to_thread(self._part.digest_further)

    async def _range(self, start: int, end: int) -> None:
        tries = self._perseverance()
        while start < end:
            try:
                start = await self._attempt(start, end, tries)
            except PASSING as error:
                start = self._reached(start)
                await tries.pause(error)

    def _reached(self, start: int) -> int:
        """Up to where it is there from `start` on."""
        return next((behind for first, behind in self._part.spans if first <= start < behind), start)

    async def _attempt(self, start: int, end: int, tries: Perseverance) -> int:
        gathered = bytearray()
        async with aclosing(self._source.read(self._wanted.etag, start, end)) as chunks:
            try:
                async for chunk in chunks:
                    gathered += chunk
                    if len(gathered) >= _WRITE:
                        start = await self._written(start, gathered)
                        gathered = bytearray()
                        tries.got_further()
            finally:
                start = await self._written(start, gathered)
        return start

    async def _written(self, start: int, content: bytearray) -> int:
        await asyncio.to_thread(self._part.write, start, content)
        self._done += len(content)
        self._told(self._done, self._wanted.size)
        return start + len(content)
