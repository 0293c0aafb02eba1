"""Finds the thumbnail of a file that was made when it came, or makes that of another page now."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from file_service.derivations.errors import NotDerivable
from file_service.derivations.readings import Reading, Readings
from file_service.derivations.renewal import Renewal
from file_service.derivations.repository import Derivation
from file_service.downloads.stored_response import Opening
from file_service.files.history import History
from file_service.parsers.contract import Task
from file_service.parsers.thumbnail_sizes import THUMBNAIL_FORMATS, THUMBNAIL_WIDTHS, thumbnail_name
from file_service.sandbox.pool import Pool
from file_service.sandbox.sources import stored_bytes
from file_service.storage.object_store import ObjectStore
from file_service.verdicts import told

_PARSERS = ("image", "pdf")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """`size` is in bytes. `etag` is strong: objects never change, and a page is drawn in the same way each time."""

    opening: Opening
    size: int
    content_type: str
    etag: str


class Thumbnails:
    """`pool` draws pages."""

    def __init__(self, history: History, readings: Readings, renewal: Renewal, store: ObjectStore, pool: Pool) -> None:
        self._history = history
        self._readings = readings
        self._renewal = renewal
        self._store = store
        self._pool = pool

    async def find(
        self, account: UUID, file_id: UUID, number: int | None, *, width: int, page: int, types: Sequence[str]
    ) -> Thumbnail:
        """`types` are the media types that will do, the best first; `page` counts from 1.

        Raises FileNotFound, VersionNotFound, NotDerivable, NotDerivedYet, UnreadableFile, Busy, StoreUnavailable.
        """
        _, version = await self._history.find(account, file_id, number)
        reading = await self._readings.done(version.content.object_key, _PARSERS)
        names = _names(width, types)
        if page == 1:
            return self._made(reading, names)
        if page > reading.facts.get("page_count", 1):
            raise NotDerivable("There is no such page")
        return _first(
            names, await self._drawn(account, reading.derivation, page), f"{_tag(reading.derivation.object_key)}-{page}"
        )

    def _made(self, reading: Reading, names: Sequence[str]) -> Thumbnail:
        there = {one.name: one for one in reading.objects}
        found = next((there[name] for name in names if name in there), None)
        if found is None:
            raise NotDerivable
        return Thumbnail(
            lambda: self._stored(reading.derivation, found.object_key),
            found.size,
            found.content_type,
            f'"{_tag(found.object_key)}"',
        )

    @asynccontextmanager
    async def _stored(self, source: Derivation, object_key: str) -> AsyncIterator[AsyncIterator[bytes]]:
        async with self._renewal.of(source), self._store.get(object_key) as chunks:
            yield chunks

    async def _drawn(self, account: UUID, source: Derivation, page: int) -> "_Drawn":
        drawn = _Drawn()
        task = Task(source.content_type, source.filename, {"page": page})
        with told():
            async with (
                self._pool.process(account, once=True) as process,
                stored_bytes(self._store, source.object_key, source.size) as content,
            ):
                await process.perform("pdf", content, task, drawn)
        return drawn


def _names(width: int, types: Sequence[str]) -> list[str]:
    """The best first: in this width, or in the largest that there is, and of these in the type that is wanted most."""
    forms = {media_type: form for form, media_type in THUMBNAIL_FORMATS.items()}
    widths = [one for one in reversed(THUMBNAIL_WIDTHS) if one <= width]
    return [thumbnail_name(one, forms[each]) for one in widths for each in types]


def _tag(object_key: str) -> str:
    return object_key.rpartition("/")[2]


class _Drawn:
    """A `Sink` that keeps the few thumbnails of one page."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, bytes]] = {}

    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        self.objects[name] = (content_type, b"".join([chunk async for chunk in chunks]))

    async def passage(self, page: int, text: str) -> None:
        pass


def _first(names: Sequence[str], drawn: _Drawn, tag: str) -> Thumbnail:
    name = next((name for name in names if name in drawn.objects), None)
    if name is None:
        raise NotDerivable
    content_type, data = drawn.objects[name]

    @asynccontextmanager
    async def opened() -> AsyncIterator[AsyncIterator[bytes]]:
        yield _once(data)

    return Thumbnail(opened, len(data), content_type, f'"{tag}-{name}"')


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
