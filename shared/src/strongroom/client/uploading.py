"""Brings bytes to Strongroom: what is small in one piece, what is large as a resumable upload."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from strongroom.client.chunks import Chunk, hashed
from strongroom.client.connection import Connection
from strongroom.client.errors import Damaged, NotFound, PreconditionFailed
from strongroom.client.file_models import File
from strongroom.client.paths import quoted
from strongroom.client.progress import Progress, silent
from strongroom.client.resumable import CHUNK, Resumable
from strongroom.client.sources import Fingerprint, Source, chunked, size_of
from strongroom.client.upload_state import Remembered, UploadStates, upload_key
from strongroom.service_call import Body, Slices

Item = TypeVar("Item")


class _Counted(Slices):
    """Knows how often it was begun to be sent."""

    begun = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        self.begun += 1
        return super().__aiter__()


class Uploading:
    """`at` finds the file at a path, or raises NotFound."""

    def __init__(self, connection: Connection, at: Callable[[str], Awaitable[File]]) -> None:
        self._connection = connection
        self._at = at

    async def put(
        self,
        source: Source,
        path: str,
        *,
        content_type: str | None,
        progress: Progress | None,
        conditions: Mapping[str, str],
        states: UploadStates | None,
    ) -> File:
        address = f"/files/raw/{quoted(path)}"
        told = progress or silent
        size = await size_of(source)
        async with aclosing(hashed(chunked(source, CHUNK), size)) as chunks:
            first = await anext(chunks, Chunk.nothing())
            if first.is_last:
                return await self._at_once(path, first, content_type, conditions, told)
            if conditions:
                return await self._in_one_piece(address, first, chunks, size, content_type, conditions, told)
            remembered = await self._remembered(source, size, path, states)
            upload = Resumable(self._connection, path, size, content_type, told, remembered)
            return await upload.send(chained(first, chunks))

    async def _remembered(
        self, source: Source, size: int | None, path: str, states: UploadStates | None
    ) -> Remembered | None:
        """Of what can be read again from its beginning."""
        if states is None or size is None or not isinstance(source, Path):
            return None
        known = await asyncio.to_thread(Fingerprint.of, source)
        return Remembered(states, upload_key(self._connection.url, known, path))

    async def _at_once(
        self, path: str, chunk: Chunk, content_type: str | None, conditions: Mapping[str, str], told: Progress
    ) -> File:
        size = len(chunk.content)
        digest = f"sha-256=:{base64.b64encode(chunk.checksum).decode()}:"
        content = _Counted(chunk.content, lambda sent: told(sent, size))
        headers = {"Content-Type": content_type or "application/octet-stream", "Repr-Digest": digest, **conditions}
        try:
            file = await self._put(f"/files/raw/{quoted(path)}", content, headers)
        except PreconditionFailed:
            # An attempt whose answer was lost may have made it so: then what is there is what was sent.
            there = await self._there(path) if content.begun > 1 else None
            if there is None or there.sha256 != chunk.checksum.hex():
                raise
            return there
        return verified(file, chunk.checksum)

    async def _there(self, path: str) -> File | None:
        try:
            return await self._at(path)
        except NotFound:
            return None

    async def _in_one_piece(
        self,
        address: str,
        first: Chunk,
        others: AsyncIterator[Chunk],
        size: int | None,
        content_type: str | None,
        conditions: Mapping[str, str],
        told: Progress,
    ) -> File:
        """The conditions of RFC 9110 §13.1 are for one request, so what breaks off is lost."""
        sha256 = b""

        async def body() -> AsyncIterator[bytes]:
            nonlocal sha256
            done = 0
            async for chunk in chained(first, others):
                sha256 = chunk.so_far
                async for piece in Slices(chunk.content):
                    yield piece
                    done += len(piece)
                    told(done, size)

        length = {} if size is None else {"Content-Length": str(size)}
        headers = {"Content-Type": content_type or "application/octet-stream", **length, **conditions}
        return verified(await self._put(address, body(), headers), sha256)

    async def _put(self, address: str, content: Body, headers: Mapping[str, str]) -> File:
        return await self._connection.ask(File, "PUT", address, content=content, headers=headers, deadline=float("inf"))


def verified(file: File, sha256: bytes) -> File:
    """Raises Damaged."""
    if file.sha256 != sha256.hex():
        raise Damaged("What has been stored is not what was sent")
    return file


async def chained(first: Item, others: AsyncIterator[Item]) -> AsyncIterator[Item]:
    yield first
    async for one in others:
        yield one
