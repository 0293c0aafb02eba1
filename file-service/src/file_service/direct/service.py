"""Begins uploads whose bytes their client sends to the store itself, says where to, completes and ends them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from file_service.access import Account
from file_service.direct.completion import Completion
from file_service.direct.errors import UploadAssembled
from file_service.direct.layout import Layout, part_size_of
from file_service.direct.signing import SignedUrl, Signing
from file_service.resumable.admission import Admission
from file_service.resumable.creation import Creation
from file_service.resumable.ending import Ending
from file_service.resumable.leases import Leases
from file_service.resumable.ledger import Ledger
from file_service.resumable.repository import Upload
from file_service.resumable.stored import Stored
from file_service.storage.multipart import SentPart
from file_service.storage.object_store import ObjectMissing

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PartAddress:
    """`size` is what is to be sent there. `etag` is of what has come, if that has this size."""

    number: int
    size: int
    signed: SignedUrl
    etag: str | None


class DirectUploads:
    """As resumable uploads are admitted, kept, and made files; only that no bytes come this way.

    Someone else's upload is not found, whatever is asked of it; one that has expired is gone.
    """

    def __init__(
        self,
        signing: Signing,
        ledger: Ledger,
        admission: Admission,
        leases: Leases,
        stored: Stored,
        completion: Completion,
        ending: Ending,
    ) -> None:
        self._signing = signing
        self._ledger = ledger
        self._admission = admission
        self._leases = leases
        self._stored = stored
        self._completion = completion
        self._ending = ending

    async def create(self, account: Account, path: str, size: int, declared: str | None) -> Upload:
        """Raises FileTooLarge, QuotaExceeded; QuotaExceeded also for what other unfinished uploads have announced."""
        wanted = Creation(path, declared, length=size, part_size=part_size_of(size))
        upload = await self._admission.admit(account, wanted)
        try:
            async with self._leases.hold(upload.id) as (lease, held):
                upload = await self._stored.begin(lease, held)
        except BaseException:
            # Nobody knows of it yet, and what it announced would count. Cancellation too.
            await asyncio.shield(self._ending.end(account.id, upload.id))
            raise
        log.info("upload.begun", upload_id=str(upload.id), length=size, part_size=upload.part_size)
        return upload

    async def show(self, account: Account, upload_id: UUID) -> Upload:
        """Raises UploadNotFound, UploadExpired."""
        return await self._ledger.find(account.id, upload_id, direct=True)

    async def parts(self, account: Account, upload_id: UUID, first: int, count: int) -> Sequence[PartAddress]:
        """Up to `count` from the part `first` on. Who asks is going on with it, so the upload is kept longer.

        Raises UploadNotFound, UploadExpired, UploadAssembled.
        """
        upload = await self.show(account, upload_id)
        if upload.is_finished:
            raise UploadAssembled
        try:
            sent = await self._stored.sent_page(upload, after=first - 1, limit=count)
        except ObjectMissing as error:
            raise UploadAssembled from error
        upload = await self._ledger.prolong(upload)
        layout = Layout.of(upload)
        return [
            self._address(upload, number, layout.size_of(number), sent)
            for number in layout.numbers[first - 1 : first - 1 + count]
        ]

    async def complete(self, account: Account, upload_id: UUID, named: Mapping[int, str], sha256: bytes | None) -> UUID:
        """The file. Whoever asks once more is told the same. `named` are the parts' ETags by number.

        Raises UploadNotFound, UploadExpired, UploadLocked, and what `Completion.complete` does.
        """
        upload = await self.show(account, upload_id)
        if not upload.is_finished:
            async with self._leases.hold(upload_id) as (lease, held):
                upload = held if held.is_finished else await self._completion.complete(lease, held, named, sha256)
        assert upload.file_id is not None
        return upload.file_id

    async def terminate(self, account: Account, upload_id: UUID) -> None:
        """A file that it has become stays. Raises UploadNotFound, UploadExpired."""
        await self.show(account, upload_id)
        await self._ending.end(account.id, upload_id)

    def _address(self, upload: Upload, number: int, size: int, sent: Mapping[int, SentPart]) -> PartAddress:
        part = sent.get(number)
        etag = part.etag if part is not None and part.size == size else None
        return PartAddress(number, size, self._signing.part(upload, number), etag)
