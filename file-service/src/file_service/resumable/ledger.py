"""Records how far an upload has got: each change is one transaction, and only for whoever holds the lease."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from file_service.files.freeing import Freeing
from file_service.resumable import repository
from file_service.resumable.errors import TooManyParts, UploadExpired, UploadLocked, UploadNotFound
from file_service.resumable.repository import Upload
from file_service.storage.multipart import MOST_PARTS, SentPart
from strongroom.database import Database, Transaction
from strongroom.errors import AppError

# However often it is gone on with: the bucket's rule drops parts after eight days.
_LONGEST_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is stored once `parts` are, and the tail. A tail that was there before is no longer needed then."""

    received: int
    crc32: int
    content_type: str | None
    parts: Sequence[SentPart] = ()
    tail_key: str | None = None
    tail_size: int = 0

    def having(self, parts: Sequence[SentPart]) -> Self:
        return replace(self, parts=parts)


class Ledger:
    """Everything here raises UploadLocked if the lease was lost, UploadNotFound if the upload was terminated."""

    def __init__(
        self,
        database: Database,
        freeing: Freeing,
        *,
        kept: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._freeing = freeing
        self._kept = kept
        self.clock = clock

    def expiry(self, created_at: datetime) -> datetime:
        """Of an upload with which something happens now."""
        return min(self.clock() + self._kept, created_at + _LONGEST_LIFE)

    async def find(self, owner: UUID, upload_id: UUID, *, direct: bool = False) -> Upload:
        """What is sent directly is not found among the others, nor the other way round.

        Raises UploadNotFound, also for someone else's; UploadExpired.
        """
        async with self._database.reading() as connection:
            upload = await repository.find(connection, owner, upload_id)
        if upload is None or upload.is_direct is not direct:
            raise UploadNotFound
        if upload.expires_at <= self.clock():
            raise UploadExpired
        return upload

    async def prolong(self, upload: Upload) -> Upload:
        """Needs no lease: somebody goes on with it, though the bytes go another way."""
        async with self._database.begin() as tx:
            return await _held(tx, upload, await repository.prolong(tx, upload.id, self.expiry(upload.created_at)))

    async def free(self, upload: Upload) -> None:
        """What its object has, although the upload is gone and was released."""
        if upload.object_key is not None:
            async with self._database.begin() as tx:
                await self._freeing.free_within(tx, [upload.object_key])

    async def require(self, upload: Upload) -> None:
        """That it is still there. Raises UploadNotFound."""
        async with self._database.reading() as connection:
            if not await repository.is_there(connection, upload.id):
                raise UploadNotFound

    async def claim_part(self, lease: UUID, upload: Upload) -> int:
        """A number for a part. Never given out again: a part on its way that nobody waits for any more does no harm.

        Raises TooManyParts.
        """
        async with self._database.begin() as tx:
            number = await repository.claim_part(tx, upload.id, lease)
            if number is None:
                raise await _lost(tx, upload)
        if number > MOST_PARTS:
            raise TooManyParts
        return number

    async def record(self, lease: UUID, upload: Upload, progress: Progress) -> Upload:
        async with self._database.begin() as tx:
            changed = await repository.change(
                tx,
                upload.id,
                lease,
                received=progress.received,
                crc32=progress.crc32,
                content_type=progress.content_type,
                tail_key=progress.tail_key,
                tail_size=progress.tail_size,
                expires_at=self.expiry(upload.created_at),
            )
            recorded = await _held(tx, upload, changed)
            await repository.add_parts(tx, upload.id, progress.parts)
            await self._free_tail(tx, upload, recorded)
        return recorded

    async def set_object(self, lease: UUID, upload: Upload, key: str, multipart_id: str | None) -> Upload:
        """What the whole will be. Another object that was tried before is freed."""
        async with self._database.begin() as tx:
            changed = await repository.change(tx, upload.id, lease, object_key=key, multipart_id=multipart_id)
            if upload.object_key is not None:
                await self._freeing.free_within(tx, [upload.object_key])
            return await _held(tx, upload, changed)

    async def set_length(self, tx: Transaction, lease: UUID, upload: Upload, length: int) -> Upload:
        return await _held(tx, upload, await repository.change(tx, upload.id, lease, length=length))

    async def finish_partial(self, lease: UUID, upload: Upload, key: str) -> Upload:
        """Its bytes are the object `key`, and it waits to be part of another."""
        async with self._database.begin() as tx:
            changed = await repository.change(
                tx,
                upload.id,
                lease,
                object_key=key,
                multipart_id=None,
                tail_key=None,
                tail_size=0,
                finished_at=self.clock(),
            )
            await repository.remove_parts(tx, upload.id)
            return await _held(tx, upload, changed)

    async def finish_within(self, tx: Transaction, lease: UUID, upload: Upload, file_id: UUID) -> Upload:
        """Its bytes are a file's. It is remembered for a while, for clients that missed the last answer."""
        changed = await repository.change(
            tx,
            upload.id,
            lease,
            object_key=None,
            multipart_id=None,
            tail_key=None,
            tail_size=0,
            file_id=file_id,
            finished_at=self.clock(),
            expires_at=self.expiry(upload.created_at),
        )
        await repository.remove_parts(tx, upload.id)
        await repository.spend(tx, upload.partials, self.clock())
        return await _held(tx, upload, changed)

    async def parts(self, upload: Upload) -> Sequence[SentPart]:
        async with self._database.reading() as connection:
            return await repository.parts(connection, upload.id)

    async def _free_tail(self, tx: Transaction, before: Upload, after: Upload) -> None:
        if before.tail_key is not None and before.tail_key != after.tail_key:
            await self._freeing.free_within(tx, [before.tail_key])


async def _held(tx: Transaction, upload: Upload, changed: Upload | None) -> Upload:
    """What is raised undoes the rest of the transaction."""
    if changed is None:
        raise await _lost(tx, upload)
    return changed


async def _lost(tx: Transaction, upload: Upload) -> AppError:
    return UploadLocked() if await repository.is_there(tx, upload.id) else UploadNotFound()
