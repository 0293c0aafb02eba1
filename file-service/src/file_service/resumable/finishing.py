"""Turns an upload whose bytes are all there into a file. Whatever breaks it off, doing it again finishes it."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from file_service.files.recording import Arrival, Recorded, Recording
from file_service.files.version_repository import Content
from file_service.resumable.concatenation import Concatenation
from file_service.resumable.errors import UploadDamaged
from file_service.resumable.judging import Judging
from file_service.resumable.ledger import Ledger
from file_service.resumable.repository import Upload
from file_service.resumable.running_digests import RunningDigests
from file_service.resumable.stored import Measured, Stored
from strongroom.database import Transaction

log = structlog.get_logger()


class Finishing:
    """Needs the lease of the upload. Raises QuotaExceeded, TypeNotAllowed; then the upload stays as it is."""

    def __init__(
        self,
        stored: Stored,
        ledger: Ledger,
        recording: Recording,
        judging: Judging,
        concatenation: Concatenation,
        digests: RunningDigests,
    ) -> None:
        self._stored = stored
        self._ledger = ledger
        self._recording = recording
        self._judging = judging
        self._concatenation = concatenation
        self._digests = digests

    async def finish(self, lease: UUID, upload: Upload) -> Upload:
        if upload.is_final:
            kind = await self._concatenation.type_of(upload)
            upload, key = await self._concatenation.assembled(lease, upload)
            measured = await self._stored.measured(key, upload.received)
            return await self.record(lease, upload, key, measured, kind)
        kind = upload.content_type or await self._late_type(upload)
        upload, key = await self._stored.assembled(lease, upload)
        if upload.is_partial:
            return await self._ledger.finish_partial(lease, upload, key)
        return await self.record(lease, upload, key, await self._measured(upload, key), kind)

    async def _late_type(self, upload: Upload) -> str:
        """Of what had no first bytes to judge when they came: it is empty, or was not known to be so short."""
        if upload.is_partial:
            return ""
        head = b"".join([piece async for piece in self._stored.tail(upload)]) if upload.tail_size else b""
        return self._judging.judge(upload, head)

    async def _measured(self, upload: Upload, key: str) -> Measured:
        known = self._digests.of(upload)
        if known is not None:
            return Measured(upload.received, known, upload.crc32)
        log.info("upload.read_again", upload_id=str(upload.id), size=upload.received)
        measured = await self._stored.measured(key, upload.received)
        if measured.crc32 != upload.crc32:
            raise UploadDamaged
        return measured

    async def record(self, lease: UUID, upload: Upload, key: str, measured: Measured, kind: str) -> Upload:
        """Makes a file of the object `key`, whose bytes were measured."""
        assert upload.path is not None
        content = Content(key, measured.size, measured.sha256, measured.crc32, kind, upload.declared_type)
        finished = upload

        async def forget(tx: Transaction, recorded: Sequence[Recorded]) -> None:
            # In the one transaction: never a file twice, and never an upload that is gone without one.
            nonlocal finished
            finished = await self._ledger.finish_within(tx, lease, upload, recorded[0].file.id)

        await self._recording.record(upload.owner_id, [Arrival(upload.path, content)], also=forget)
        self._digests.forget(upload)
        log.info("upload.finished", upload_id=str(upload.id), file_id=str(finished.file_id), size=content.size)
        return finished
