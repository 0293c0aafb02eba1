"""Sends a file's bytes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import UUID

from file_service.files.history import History
from file_service.files.repository import File
from file_service.files.version_repository import Version
from file_service.storage.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class Download:
    """An opened file. Whoever iterates `chunks` to the end, or stops, frees the store's connection."""

    file: File
    version: Version
    chunks: AsyncIterator[bytes]


class Downloads:
    def __init__(self, store: ObjectStore, history: History) -> None:
        self._store = store
        self._history = history

    async def open(self, account: UUID, file_id: UUID, number: int | None) -> Download:
        """A version, or the current one. All that can be raised is, before the first byte, so a 200 is meant.

        FileNotFound, VersionNotFound, StoreUnavailable, ObjectMissing.
        """
        file, version = await self._history.find(account, file_id, number)
        async with AsyncExitStack() as stack:
            chunks = await stack.enter_async_context(self._store.get(version.content.object_key))
            return Download(file, version, _released(chunks, stack.pop_all()))


async def _released(chunks: AsyncIterator[bytes], stack: AsyncExitStack) -> AsyncIterator[bytes]:
    # Here and not in a background task: those do not run when the client is gone.
    async with stack:
        async for chunk in chunks:
            yield chunk
