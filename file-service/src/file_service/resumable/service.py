"""Creates resumable uploads, goes on with them, and ends them."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, replace
from uuid import UUID

import structlog

from file_service.access import Account
from file_service.resumable.admission import Admission
from file_service.resumable.checksums import Checksum
from file_service.resumable.concatenation import Concatenation
from file_service.resumable.creation import Creation
from file_service.resumable.ending import Ending
from file_service.resumable.errors import FinalUpload, LengthIsKnown, OffsetMismatch
from file_service.resumable.finishing import Finishing
from file_service.resumable.leases import Leases
from file_service.resumable.ledger import Ledger
from file_service.resumable.repository import Upload
from file_service.resumable.running_digests import RunningDigests
from file_service.resumable.writing import Writers
from strongroom.errors import AppError, Unavailable

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one request brings: bytes from `offset` on. `size` is how many, where that is known.

    `length` is that of the whole, if it is announced only now.
    """

    chunks: AsyncIterable[bytes]
    size: int | None
    offset: int = 0
    length: int | None = None
    checksum: Checksum | None = None


class ResumableUploads:
    """Someone else's upload is not found, whatever is asked of it; one that has expired is gone."""

    def __init__(
        self,
        ledger: Ledger,
        admission: Admission,
        leases: Leases,
        writers: Writers,
        concatenation: Concatenation,
        finishing: Finishing,
        ending: Ending,
        digests: RunningDigests,
    ) -> None:
        self._ledger = ledger
        self._admission = admission
        self._leases = leases
        self._writers = writers
        self._concatenation = concatenation
        self._finishing = finishing
        self._ending = ending
        self._digests = digests

    @property
    def largest(self) -> int:
        return self._admission.largest

    async def create(self, account: Account, wanted: Creation, chunk: Chunk | None) -> Upload:
        """With the first bytes, if they came along. Whatever is refused leaves nothing: nobody knows its address yet.

        Raises FileTooLarge, QuotaExceeded, PartialMissing, and what `append` does.
        """
        if wanted.partials and chunk is not None:
            raise FinalUpload
        if wanted.partials:
            partials = await self._concatenation.partials(account.id, wanted.partials)
            wanted = replace(wanted, length=sum(one.received for one in partials))
        upload = await self._admission.admit(account, wanted)
        log.info("upload.begun", upload_id=str(upload.id), length=upload.length)
        if chunk is None and not upload.is_full:
            return upload
        try:
            return await self._go_on(account, upload.id, chunk)
        except Unavailable:
            raise
        except AppError:
            await self.terminate(account, upload.id)
            raise

    async def show(self, account: Account, upload_id: UUID) -> Upload:
        """If all of it is there and it was broken off then, it is finished first: a full offset means there is a file.

        Raises UploadNotFound, UploadExpired; in that case also UploadLocked and what finishing does.
        """
        upload = await self._ledger.find(account.id, upload_id)
        if upload.is_full and not upload.is_finished:
            return await self._go_on(account, upload_id, None)
        return upload

    async def append(self, account: Account, upload_id: UUID, chunk: Chunk) -> Upload:
        """Makes it a file if that was the last of it.

        Raises UploadNotFound, UploadExpired, UploadLocked, FinalUpload, OffsetMismatch, LengthIsKnown, FileTooLarge,
        QuotaExceeded, TypeNotAllowed, ChecksumMismatch, BodyCutOff.
        """
        if (await self._ledger.find(account.id, upload_id)).is_final:
            raise FinalUpload
        return await self._go_on(account, upload_id, chunk)

    async def terminate(self, account: Account, upload_id: UUID) -> None:
        """Also while a request is at it, which is told at its next step. A file that it has become stays.

        Raises UploadNotFound, UploadExpired.
        """
        await self._ledger.find(account.id, upload_id)
        self._digests.forget(await self._ending.end(account.id, upload_id))

    async def _go_on(self, account: Account, upload_id: UUID, chunk: Chunk | None) -> Upload:
        async with self._leases.hold(upload_id) as (lease, held):
            upload = held if chunk is None else await self._write(account, lease, held, chunk)
            if upload.is_full and not upload.is_finished:
                upload = await self._finishing.finish(lease, upload)
            return upload

    async def _write(self, account: Account, lease: UUID, upload: Upload, chunk: Chunk) -> Upload:
        if chunk.offset != upload.received:
            raise OffsetMismatch(f"It has {upload.received} bytes")
        if chunk.length is not None and chunk.length != upload.length:
            if upload.length is not None or chunk.length < upload.received:
                raise LengthIsKnown
            upload = await self._admission.set_length(account, lease, upload, chunk.length)
        allowance = await self._admission.allowance(account, upload)
        allowance.require(upload.received + (chunk.size or 0))
        return await self._writers.write(lease, upload, chunk.chunks, allowance, chunk.checksum)
