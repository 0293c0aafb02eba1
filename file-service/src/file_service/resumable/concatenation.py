"""Makes one object of the objects of finished partial uploads."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from file_service.resumable import repository
from file_service.resumable.errors import PartialMissing
from file_service.resumable.judging import Judging
from file_service.resumable.ledger import Ledger
from file_service.resumable.repository import Upload
from file_service.resumable.stored import Stored, new_key
from file_service.storage.multipart import LEAST_PART_BYTES, MOST_PARTS
from file_service.uploads.content_types import SNIFFED_BYTES
from strongroom.database import Database


class Concatenation:
    def __init__(self, database: Database, stored: Stored, ledger: Ledger, judging: Judging) -> None:
        self._database = database
        self._stored = stored
        self._ledger = ledger
        self._judging = judging

    async def partials(self, owner: UUID, ids: Sequence[UUID]) -> list[Upload]:
        """In that order. Raises PartialMissing, also for what is not finished (the protocol lets a server do so)."""
        async with self._database.reading() as connection:
            known = await repository.found(connection, owner, ids)
        partials = [known.get(one) for one in ids]
        usable = [one for one in partials if one is not None and one.is_partial and one.is_finished]
        if len(usable) != len(ids):
            raise PartialMissing
        return usable

    async def type_of(self, upload: Upload) -> str:
        """Judged by its first bytes, before any are copied. Raises TypeNotAllowed."""
        head = bytearray()
        for partial in await self.partials(upload.owner_id, upload.partials):
            if len(head) < SNIFFED_BYTES:
                head += await self._stored.head(_key(partial), partial.received)
        return self._judging.judge(upload, bytes(head))

    async def assembled(self, lease: UUID, upload: Upload) -> tuple[Upload, str]:
        """The upload, and the new object. Each attempt has an object of its own; the one before is freed."""
        partials = [one for one in await self.partials(upload.owner_id, upload.partials) if one.received]
        key = new_key(upload)
        upload = await self._ledger.set_object(lease, upload, key, None)
        if partials and len(partials) <= MOST_PARTS and all(one.received >= LEAST_PART_BYTES for one in partials[:-1]):
            await self._stored.multipart.compose([_key(one) for one in partials], key)
        else:
            await self._stored.store.put(key, self._bytes(partials), size=upload.received)
        return upload, key

    async def _bytes(self, partials: Sequence[Upload]) -> AsyncIterator[bytes]:
        for partial in partials:
            async with self._stored.store.get(_key(partial)) as chunks:
                async for chunk in chunks:
                    yield chunk


def _key(partial: Upload) -> str:
    assert partial.object_key is not None
    return partial.object_key
