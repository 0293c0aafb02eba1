"""Decides whether there is room for an upload, with what the owner's other uploads have announced."""

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from file_service.access import Account
from file_service.resumable import repository
from file_service.resumable.creation import Creation
from file_service.resumable.ledger import Ledger
from file_service.resumable.repository import Upload
from file_service.storage.multipart import LARGEST_OBJECT, MOST_PARTS
from file_service.storage.parts import PART_BYTES
from file_service.uploads.errors import FileTooLarge
from file_service.uploads.limits import UploadLimits
from file_service.uploads.measure import Allowance
from file_service.usage.errors import QuotaExceeded
from file_service.usage.service import Quotas
from strongroom.database import Database, Transaction

_SPARE_PARTS = 1000  # what was interrupted or refused may cost some


class Admission:
    """What decides in the end is the quota when the file is made; this is so that no bytes are moved in vain."""

    def __init__(self, database: Database, quotas: Quotas, limits: UploadLimits, ledger: Ledger) -> None:
        self._database = database
        self._quotas = quotas
        self._limits = limits
        self._ledger = ledger

    @property
    def largest(self) -> int:
        """In bytes: that anybody may send, and that fits into parts."""
        return min(self._limits.largest, (MOST_PARTS - _SPARE_PARTS) * PART_BYTES)

    async def admit(self, account: Account, wanted: Creation) -> Upload:
        """The upload as it is recorded. Raises FileTooLarge, QuotaExceeded."""
        length = wanted.length or 0
        await self._require_size(account, length, self.largest if wanted.part_size is None else LARGEST_OBJECT)
        now = self._ledger.clock()
        upload = Upload(
            id=uuid7(),
            owner_id=account.id,
            path=wanted.path,
            declared_type=wanted.declared_type,
            metadata=wanted.metadata,
            concat=wanted.concat,
            partials=wanted.partials,
            length=wanted.length,
            received=length if wanted.partials else 0,
            created_at=now,
            expires_at=self._ledger.expiry(now),
            part_size=wanted.part_size,
        )
        async with self._database.begin() as tx:
            await self._require_room(tx, account.id, length, besides=wanted.partials)
            await repository.add(tx, upload)
        return upload

    async def set_length(self, account: Account, lease: UUID, upload: Upload, length: int) -> Upload:
        """Of an upload that was begun without. Raises FileTooLarge, QuotaExceeded."""
        await self._require_size(account, length, self.largest)
        async with self._database.begin() as tx:
            await self._require_room(tx, account.id, length, besides=[upload.id])
            return await self._ledger.set_length(tx, lease, upload, length)

    async def allowance(self, account: Account, upload: Upload) -> Allowance:
        """How far the upload may get."""
        if upload.length is not None:
            return Allowance(largest=upload.length, left=upload.length)
        allowance = await self._limits.allowance(account)
        async with self._database.reading() as connection:
            allowance.take(await repository.announced(connection, account.id, besides=[upload.id]))
        return allowance

    async def _require_size(self, account: Account, length: int, largest: int) -> None:
        if length > largest:
            raise FileTooLarge(f"A file has at most {largest} bytes")
        (await self._limits.allowance(account)).require(length)

    async def _require_room(self, tx: Transaction, owner: UUID, length: int, *, besides: Sequence[UUID]) -> None:
        usage = await self._quotas.lock_within(tx, owner)
        left = max(0, usage.left - await repository.announced(tx, owner, besides=besides))
        if length > left:
            raise QuotaExceeded(left)
