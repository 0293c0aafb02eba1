"""Sends an archive: reads one object after the other while what was read goes out."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import TracebackType
from typing import Self

from starlette.responses import Response

from file_service.archive.repository import Entry
from file_service.archive.zipping import Member, zip_size, zipped
from file_service.downloads.content_disposition import attachment
from file_service.downloads.stored_response import Opening, StoredResponse
from file_service.storage.object_store import ObjectStore


@dataclass(frozen=True, slots=True)
class Archive:
    """`size` is in bytes, where it can be known. It can be opened once.

    Opening it opens the first object, and raises StoreUnavailable, ObjectMissing. If that happens with a later one the
    bytes end in the same errors, so that nothing incomplete looks complete.
    """

    name: str
    size: int | None
    opening: Opening

    def headers(self) -> dict[str, str]:
        length = {} if self.size is None else {"Content-Length": str(self.size)}
        return {
            **length,
            "Cache-Control": "private, no-cache",
            "Content-Type": "application/zip",
            "Content-Disposition": attachment(self.name),
            "X-Content-Type-Options": "nosniff",
        }

    def answer(self) -> Response:
        response = StoredResponse(self.opening, HTTPStatus.OK, self.headers())
        if self.size is None:
            del response.headers["Content-Length"]  # a Response begins with that of an empty body
        return response


def archive_of_known(store: ObjectStore, name: str, entries: Sequence[Entry]) -> Archive:
    """At least one entry."""
    return Archive(name, zip_size(map(_member, entries)), partial(_opened, store, _each(entries)))


def archive_of(store: ObjectStore, name: str, entries: AsyncIterator[Entry]) -> Archive:
    """At least one entry. How large it gets is not known, since they are found as it is sent."""
    return Archive(name, None, partial(_opened, store, entries))


@asynccontextmanager
async def _opened(store: ObjectStore, entries: AsyncIterator[Entry]) -> AsyncIterator[AsyncIterator[bytes]]:
    async with _Objects(store) as objects:
        members = _members(entries, objects)
        first = await anext(members)  # by which its object is open
        async with aclosing(zipped(_beginning_with(first, members))) as blocks:
            yield blocks


async def _members(
    entries: AsyncIterator[Entry], objects: "_Objects"
) -> AsyncIterator[tuple[Member, AsyncIterator[bytes]]]:
    async for entry in entries:
        yield _member(entry), await objects.open(entry.object_key)


def _member(entry: Entry) -> Member:
    return Member(entry.name, entry.size, entry.crc32, entry.stored_at)


class _Objects:
    """One is open at a time: opening the next one frees the connection of the one before, and so does the exit."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._open = AsyncExitStack()

    async def open(self, key: str) -> AsyncIterator[bytes]:
        await self._open.aclose()
        return await self._open.enter_async_context(self._store.get(key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._open.__aexit__(kind, error, trace)


async def _each(entries: Sequence[Entry]) -> AsyncIterator[Entry]:
    for entry in entries:
        yield entry


async def _beginning_with(
    first: tuple[Member, AsyncIterator[bytes]], rest: AsyncIterator[tuple[Member, AsyncIterator[bytes]]]
) -> AsyncIterator[tuple[Member, AsyncIterator[bytes]]]:
    yield first
    async for one in rest:
        yield one
