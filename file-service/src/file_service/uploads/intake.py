"""Takes the bytes of one file in: judged by their beginning, measured on their way, and stored."""

from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, replace
from typing import Self

from file_service.files.paths import filename
from file_service.files.version_repository import Content
from file_service.storage.object_store import ObjectStore
from file_service.uploads.content_types import SNIFFED_BYTES, TypePolicy, content_type, declared_type
from file_service.uploads.digests import Digests
from file_service.uploads.measure import Allowance, Measured

_NO_DIGESTS = Digests()


@dataclass(frozen=True, slots=True)
class Incoming:
    """`declared` is the media type as the client sent it, `size` the exact number of bytes where it is known."""

    path: str
    declared: str | None
    chunks: AsyncIterable[bytes]
    size: int | None = None
    digests: Digests = _NO_DIGESTS

    def at(self, path: str) -> Self:
        return replace(self, path=path)


class Intake:
    def __init__(self, store: ObjectStore, policy: TypePolicy) -> None:
        self._store = store
        self._policy = policy

    async def take(self, key: str, incoming: Incoming, allowance: Allowance) -> Content:
        """Stores it as `key`. Raises TypeNotAllowed, FileTooLarge, QuotaExceeded, DigestMismatch; then nothing is."""
        if incoming.size is not None:
            allowance.require(incoming.size)
        chunks = aiter(incoming.chunks)
        pieces = await _head(chunks)
        head = b"".join(pieces)[:SNIFFED_BYTES]
        declared = declared_type(incoming.declared)
        kind = content_type(declared, filename(incoming.path), head)
        self._policy.require(kind, head)
        measured = Measured(_all(pieces, chunks), allowance, incoming.digests)
        await self._store.put(key, measured, size=incoming.size)
        return Content(key, measured.size, measured.sha256, measured.crc32, kind, declared)


async def _head(chunks: AsyncIterator[bytes]) -> list[bytes]:
    head: list[bytes] = []
    size = 0
    while size < SNIFFED_BYTES and (chunk := await anext(chunks, None)) is not None:
        head.append(chunk)
        size += len(chunk)
    return head


async def _all(head: list[bytes], rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in head:
        yield chunk
    async for chunk in rest:
        yield chunk
