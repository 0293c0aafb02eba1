"""Makes a file of the parts that a client has sent to the store: they are checked, joined, and read once."""

from collections.abc import Mapping
from uuid import UUID

from file_service.direct.errors import PartMismatch, PartsIncomplete
from file_service.direct.layout import Layout
from file_service.resumable.ending import Ending
from file_service.resumable.errors import UploadDamaged, UploadNotFound
from file_service.resumable.finishing import Finishing
from file_service.resumable.judging import Judging
from file_service.resumable.ledger import Ledger
from file_service.resumable.repository import Upload
from file_service.resumable.stored import Stored
from file_service.storage.multipart import SentPart
from file_service.storage.object_store import ObjectMissing
from file_service.uploads.errors import DigestMismatch, TypeNotAllowed


class Completion:
    """Needs the lease of the upload. Whatever breaks it off, doing it again finishes it."""

    def __init__(self, stored: Stored, ledger: Ledger, judging: Judging, finishing: Finishing, ending: Ending) -> None:
        self._stored = stored
        self._ledger = ledger
        self._judging = judging
        self._finishing = finishing
        self._ending = ending

    async def complete(self, lease: UUID, upload: Upload, named: Mapping[int, str], sha256: bytes | None) -> Upload:
        """`named` are the parts' ETags by number, `sha256` is what the whole should have.

        Raises PartsIncomplete, PartMismatch, QuotaExceeded; then the upload stays as it is. Raises TypeNotAllowed,
        DigestMismatch, UploadDamaged; then it is gone, since its bytes cannot become others any more.
        """
        try:
            key = await self._assembled(upload, named)
            return await self._recorded(lease, upload, key, sha256)
        except (TypeNotAllowed, DigestMismatch, UploadDamaged):
            await self._ending.end(upload.owner_id, upload.id)
            raise
        except ObjectMissing:
            await self._ledger.require(upload)  # was it terminated meanwhile?
            raise
        except UploadNotFound:
            # Terminated meanwhile. The object may have come into being after it was freed.
            await self._ledger.free(upload)
            raise

    async def _assembled(self, upload: Upload, named: Mapping[int, str]) -> str:
        layout = Layout.of(upload)
        if named.keys() != set(layout.numbers):
            raise PartsIncomplete(f"It has the parts 1 to {layout.count}")
        try:
            sent = await self._stored.sent(upload)
        except ObjectMissing:
            # Joined already, by a request that was broken off then: of parts that were checked as these would be.
            return await self._stored.complete(upload, list(named.items()))
        _require(layout, named, sent)
        return await self._stored.complete(upload, [(number, sent[number].etag) for number in layout.numbers])

    async def _recorded(self, lease: UUID, upload: Upload, key: str, sha256: bytes | None) -> Upload:
        size = Layout.of(upload).size
        kind = self._judging.judge(upload, await self._stored.head(key, size))
        measured = await self._stored.measured(key, size)
        if sha256 is not None and sha256 != measured.sha256:
            raise DigestMismatch(f"The sha256 of what came is {measured.sha256.hex()}")
        return await self._finishing.record(lease, upload, key, measured, kind)


def _require(layout: Layout, named: Mapping[int, str], sent: Mapping[int, SentPart]) -> None:
    wrong = [number for number in layout.numbers if not _is_right(layout, sent.get(number), named[number])]
    if wrong:
        raise PartMismatch(wrong)


def _is_right(layout: Layout, part: SentPart | None, etag: str) -> bool:
    return part is not None and part.size == layout.size_of(part.number) and _bare(part.etag) == _bare(etag)


def _bare(etag: str) -> str:
    """Not every client keeps the quotes."""
    return etag.strip().strip('"')
