"""The bytes of uploads in the store: parts and tails on their way in, and the object that they become."""

import zlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.resumable.errors import UploadDamaged, UploadLocked, UploadNotFound
from file_service.resumable.ledger import Ledger, Progress
from file_service.resumable.repository import Upload
from file_service.storage.discarding import Arrivals
from file_service.storage.multipart import MultipartStore, SentPart
from file_service.storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable
from file_service.storage.parts import Part
from file_service.uploads.content_types import SNIFFED_BYTES

log = structlog.get_logger()

_LISTED = 1000  # as many as S3 lists at once


@dataclass(frozen=True, slots=True)
class Measured:
    size: int
    sha256: bytes
    crc32: int


class Stored:
    def __init__(self, store: ObjectStore, arrivals: Arrivals, multipart: MultipartStore, ledger: Ledger) -> None:
        self.store = store
        self.arrivals = arrivals
        self.multipart = multipart
        self._ledger = ledger

    async def begin(self, lease: UUID, upload: Upload) -> Upload:
        """Only when the first part is full: what is smaller needs no parts."""
        key = new_key(upload)
        multipart_id = await self.multipart.begin(key)
        try:
            return await self._ledger.set_object(lease, upload, key, multipart_id)
        except (UploadLocked, UploadNotFound):
            # Only then is it sure that no row has it (ADR 0010); else the bucket's rule will see to it.
            await self.abort(replace(upload, object_key=key, multipart_id=multipart_id))
            raise

    async def send(self, lease: UUID, upload: Upload, part: Part) -> SentPart:
        """Not recorded yet."""
        assert upload.object_key is not None and upload.multipart_id is not None  # noqa: PT018
        number = await self._ledger.claim_part(lease, upload)
        etag = await self.multipart.put_part(upload.object_key, upload.multipart_id, number, part)
        return SentPart(number, part.size, etag)

    async def tail(self, upload: Upload) -> AsyncIterator[bytes]:
        assert upload.tail_key is not None
        async with self.store.get(upload.tail_key) as chunks:
            async for chunk in chunks:
                yield chunk

    async def abort(self, upload: Upload) -> None:
        if upload.object_key is None or upload.multipart_id is None:
            return
        try:
            await self.multipart.abort(upload.object_key, upload.multipart_id)
        except StoreUnavailable as error:
            log.warning("upload.not_aborted", upload_id=str(upload.id), exc_info=error)

    async def assembled(self, lease: UUID, upload: Upload) -> tuple[Upload, str]:
        """The upload, and the object with all of its bytes. Doing it again does no harm, wherever it was broken off."""
        if upload.multipart_id is None:
            return await self._small(lease, upload)
        if upload.tail_key is not None:
            upload = await self._append_tail(lease, upload)
        parts = [(part.number, part.etag) for part in await self._ledger.parts(upload)]
        return upload, await self.complete(upload, parts)

    async def complete(self, upload: Upload, parts: Sequence[tuple[int, str]]) -> str:
        """The object that is made of the parts. Raises ObjectMissing if there is none, nor anything to make it of."""
        assert upload.object_key is not None and upload.multipart_id is not None  # noqa: PT018
        try:
            await self.multipart.complete(upload.object_key, upload.multipart_id, parts)
        except ObjectMissing:
            # Completed by a request that was broken off before it could say so. The object itself tells.
            async with self.store.get(upload.object_key):
                pass
        return upload.object_key

    async def _small(self, lease: UUID, upload: Upload) -> tuple[Upload, str]:
        """What never filled a part is one object already."""
        if upload.tail_key is None:
            key = new_key(upload)
            await self.store.put(key, Part(), size=0)
            progress = Progress(upload.received, upload.crc32, upload.content_type, (), key, 0)
            upload = await self._ledger.record(lease, upload, progress)
        assert upload.tail_key is not None
        return upload, upload.tail_key

    async def _append_tail(self, lease: UUID, upload: Upload) -> Upload:
        """The length was announced only when all bytes were there, so nobody knew that these are the last ones."""
        part = Part()
        async for piece in self.tail(upload):
            part.add(piece)
        sent = await self.send(lease, upload, part)
        progress = Progress(upload.received, upload.crc32, upload.content_type, (sent,))
        return await self._ledger.record(lease, upload, progress)

    async def sent(self, upload: Upload) -> dict[int, SentPart]:
        """The parts that the store has, by number. Raises ObjectMissing if they are one object by now."""
        found: dict[int, SentPart] = {}
        while page := await self.sent_page(upload, after=max(found, default=0), limit=_LISTED):
            found |= page
        return found

    async def sent_page(self, upload: Upload, *, after: int, limit: int) -> dict[int, SentPart]:
        """Up to `limit` of them, beginning behind the number `after`."""
        assert upload.object_key is not None and upload.multipart_id is not None  # noqa: PT018
        page = await self.multipart.parts(upload.object_key, upload.multipart_id, after=after, limit=limit)
        return {part.number: part for part in page}

    async def head(self, key: str, size: int) -> bytes:
        """What the type of a file is judged by, of an object of `size` bytes."""
        async with self.store.get(key, length=min(size, SNIFFED_BYTES)) as chunks:
            return b"".join([chunk async for chunk in chunks])

    async def measured(self, key: str, size: int) -> Measured:
        """Read again from the store. Raises UploadDamaged if there is more or less of it than came."""
        found, digest, crc32 = 0, sha256(), 0
        async with self.store.get(key) as chunks:
            async for chunk in chunks:
                found += len(chunk)
                digest.update(chunk)
                crc32 = zlib.crc32(chunk, crc32)
        if found != size:
            raise UploadDamaged
        return Measured(found, digest.digest(), crc32)


def new_key(upload: Upload) -> str:
    return f"{upload.owner_id}/{uuid7()}"
