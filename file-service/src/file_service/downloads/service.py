"""Sends a file's bytes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

from file_service.files.repository import File
from file_service.files.service import Files
from file_service.storage.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class Download:
    """An opened file. Whoever iterates `chunks` to the end, or stops, frees the store's connection."""

    file: File
    chunks: AsyncIterator[bytes]


class Downloads:
    def __init__(self, store: ObjectStore, files: Files) -> None:
        self._store = store
        self._files = files

    async def open(self, owner: UUID, file_id: UUID) -> Download:
        """Raises FileNotFound, StoreUnavailable, ObjectMissing: all before the first byte, so a 200 is meant."""
        file = await self._files.get(owner, file_id)
        async with AsyncExitStack() as stack:
            chunks = await stack.enter_async_context(self._store.get(file.content.object_key))
            return Download(file, _released(chunks, stack.pop_all()))


async def _released(chunks: AsyncIterator[bytes], stack: AsyncExitStack) -> AsyncIterator[bytes]:
    # Here and not in a background task: those do not run when the client is gone.
    async with stack:
        async for chunk in chunks:
            yield chunk
