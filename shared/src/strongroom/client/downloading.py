"""Brings bytes from Strongroom: into a file that is whole or not there, or as they come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from strongroom.client.connection import Connection
from strongroom.client.errors import Damaged, Interrupted, PreconditionFailed
from strongroom.client.file_models import File
from strongroom.client.part_file import PartFile
from strongroom.client.paths import place_below
from strongroom.client.perseverance import PASSING
from strongroom.client.progress import Progress, silent
from strongroom.client.ranges import Ranges
from strongroom.client.representations import Representation, Representations

# A file that keeps changing while it is read is not got at all.
_MOST_CHANGES = 5


class Downloading:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def download(
        self, file: File, to: Path, *, version: int | None, parallel: int, progress: Progress | None
    ) -> Path:
        place = place_below(to, file.filename) if await asyncio.to_thread(to.is_dir) else to
        part = PartFile(place)
        source = Representations(self._connection, f"/files/{file.id}", version)
        for _ in range(_MOST_CHANGES):
            wanted = await self._current(source)
            try:
                await self._fetch(source, part, wanted, parallel, progress or silent)
            except PreconditionFailed:
                continue  # it is another by now, and its parts are not those of this one
            except Damaged:
                if part.went_on:
                    continue  # what there was may have suffered from a power cut
                raise
            return place
        raise Interrupted("The file changes faster than it can be read")

    async def _current(self, source: Representations) -> Representation:
        tries = self._connection.perseverance()
        while True:
            try:
                return await source.current()
            except PASSING as error:
                await tries.pause(error)

    async def _fetch(
        self, source: Representations, part: PartFile, wanted: Representation, parallel: int, told: Progress
    ) -> None:
        await asyncio.to_thread(part.open, wanted)
        try:
            await Ranges(source, part, wanted, self._connection.perseverance, told).fetch(parallel)
            if not await asyncio.to_thread(part.is_right):
                await asyncio.to_thread(part.discard)
                raise Damaged("What arrived is not what was stored")
            await asyncio.to_thread(part.finish)
        finally:
            part.close()

    async def stream(self, address: str, *, start: int, end: int | None, version: int | None) -> AsyncIterator[bytes]:
        source = Representations(self._connection, address, version)
        wanted = await self._current(source)
        end = wanted.size if end is None else min(end, wanted.size)
        tries = self._connection.perseverance()
        while start < end:
            try:
                async with aclosing(source.read(wanted.etag, start, end)) as chunks:
                    async for chunk in chunks:
                        start += len(chunk)
                        tries.got_further()
                        yield chunk
            except PASSING as error:
                await tries.pause(error)
