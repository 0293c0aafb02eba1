"""Takes the bytes of one request into an upload: full parts as they come, and the rest as an object of its own."""

import asyncio
from collections.abc import AsyncIterable
from contextlib import suppress
from uuid import UUID
from zlib import crc32

from file_service.resumable.checksums import Checksum
from file_service.resumable.errors import BodyCutOff, UploadNotFound
from file_service.resumable.judging import Judging
from file_service.resumable.ledger import Ledger, Progress
from file_service.resumable.repository import Upload
from file_service.resumable.running_digests import RunningDigest, RunningDigests
from file_service.resumable.stored import Stored
from file_service.storage.multipart import SentPart
from file_service.storage.parts import Part
from file_service.uploads.content_types import SNIFFED_BYTES
from file_service.uploads.measure import Allowance


class Writers:
    """Has one `Writing` for each request."""

    def __init__(self, stored: Stored, ledger: Ledger, judging: Judging, digests: RunningDigests) -> None:
        self._stored = stored
        self._ledger = ledger
        self._judging = judging
        self._digests = digests

    async def write(
        self,
        lease: UUID,
        upload: Upload,
        chunks: AsyncIterable[bytes],
        allowance: Allowance,
        checksum: Checksum | None,
    ) -> Upload:
        """Raises what `Writing.take` does."""
        digest = self._digests.resume(upload)
        writing = Writing(self._stored, self._ledger, self._judging, lease, upload, digest, checksum)
        try:
            await writing.take(chunks, allowance)
        finally:
            self._digests.keep(writing.upload, digest)
        return writing.upload


class Writing:
    """One part fills while another is sent: two in memory at most.

    A part is recorded when the store has it, so the recorded offset is never ahead of the bytes. With a checksum
    nothing is recorded before all has come and is right.
    """

    def __init__(
        self,
        stored: Stored,
        ledger: Ledger,
        judging: Judging,
        lease: UUID,
        upload: Upload,
        digest: RunningDigest,
        checksum: Checksum | None,
    ) -> None:
        self._stored = stored
        self._ledger = ledger
        self._judging = judging
        self._lease = lease
        self._digest = digest
        self._checksum = checksum
        self._part = Part()
        self._sending: asyncio.Task[None] | None = None
        self._unrecorded: list[SentPart] = []
        self._received = upload.received
        self._crc32 = upload.crc32
        self._content_type = upload.content_type
        self.upload = upload  # as it is recorded

    async def take(self, chunks: AsyncIterable[bytes], allowance: Allowance) -> None:
        """Raises what `allowance` and the ledger do, TypeNotAllowed, ChecksumMismatch, BodyCutOff.

        What is recorded by then stays, and is in `upload`.
        """
        try:
            await self._take(chunks, allowance)
        except UploadNotFound:
            # Terminated meanwhile. A part that was on its way may have come after the abort.
            await self._stored.abort(self.upload)
            raise
        finally:
            await self._stop()

    async def _take(self, chunks: AsyncIterable[bytes], allowance: Allowance) -> None:
        try:
            async for chunk in chunks:
                if chunk:
                    allowance.require(self._received + len(chunk))
                    await self._add(chunk)
        except BodyCutOff:
            if self._checksum is None:
                await self._keep()
            raise
        if self._checksum is not None:
            self._checksum.require()
        await self._keep()

    async def _add(self, chunk: bytes) -> None:
        if self._received == self.upload.received and self.upload.tail_key is not None:
            await self._load_tail()
        if self._checksum is not None:
            self._checksum.update(chunk)
        while chunk:
            fitting, chunk = self._part.add(chunk)
            self._digest.update(fitting)
            self._received += len(fitting)
            self._crc32 = crc32(fitting, self._crc32)
            self._judge()
            if self._part.is_full:
                await self._dispatch()

    async def _load_tail(self) -> None:
        """So that every part but the last is full."""
        if self._part.size == 0:
            async for piece in self._stored.tail(self.upload):
                self._part.add(piece)

    async def _dispatch(self) -> None:
        await self._sent()
        part, self._part = self._part, Part()
        self._sending = asyncio.create_task(self._send(part, self._progress()))

    async def _send(self, part: Part, progress: Progress) -> None:
        if self.upload.multipart_id is None:
            self.upload = await self._stored.begin(self._lease, self.upload)
        sent = await self._stored.send(self._lease, self.upload, part)
        self._unrecorded.append(sent)
        if self._checksum is None:
            await self._record(progress)

    async def _keep(self) -> None:
        """What is not on its way yet."""
        await self._sent()
        if self._received == self.upload.received:
            return
        is_last = self._received == self.upload.length and self.upload.multipart_id is not None
        if is_last and self._part.size:
            await self._send(self._part, self._progress())
        elif self._part.size:
            await self._keep_tail()
        if self._received > self.upload.received:
            await self._record(self._progress())

    async def _keep_tail(self) -> None:
        async with self._stored.arrivals.of(self.upload.owner_id) as objects:
            key = objects.new_key()
            await self._stored.store.put(key, self._part, size=self._part.size)
            objects.stored()
            await objects.recorded(self._record(self._progress(key, self._part.size)))

    async def _record(self, progress: Progress) -> None:
        parts, self._unrecorded = self._unrecorded, []
        self.upload = await self._ledger.record(self._lease, self.upload, progress.having(parts))

    def _progress(self, tail_key: str | None = None, tail_size: int = 0) -> Progress:
        return Progress(self._received, self._crc32, self._content_type, (), tail_key, tail_size)

    def _judge(self) -> None:
        # Due before the first part is on its way, so what is at hand begins with the first byte.
        if self._content_type is None and self._judging.is_due(self.upload, self._received):
            self._content_type = self._judging.judge(self.upload, self._part.head(SNIFFED_BYTES))

    async def _sent(self) -> None:
        if self._sending is not None:
            sending, self._sending = self._sending, None
            await sending

    async def _stop(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._sending
