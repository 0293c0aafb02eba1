"""Keeps what a parser derives: objects in the store at once, passages until all of them go into the database."""

from collections.abc import AsyncIterator

from file_service.derivations.passages import Passage
from file_service.derivations.repository import DerivedObject
from file_service.files.names import words
from file_service.storage.discarding import NewObjects
from file_service.storage.object_store import ObjectStore


class Harvest:
    """A `Sink`."""

    def __init__(self, store: ObjectStore, new: NewObjects) -> None:
        self._store = store
        self._new = new
        self.objects: list[DerivedObject] = []
        self.passages: list[Passage] = []

    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        """Raises StoreUnavailable."""
        counted = _Counted(chunks)
        key = self._new.new_key()
        await self._store.put(key, counted)
        self._new.stored()
        self.objects.append(DerivedObject(name, key, content_type, counted.size))

    async def passage(self, page: int, text: str) -> None:
        self.passages.append(Passage(page, text, " ".join(words(text))))


class _Counted:
    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.size += len(chunk)
            yield chunk
