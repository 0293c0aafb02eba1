"""Shares files with other accounts, and takes that back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.files import repository as files
from file_service.files.errors import FileNotFound
from file_service.sharing import repository
from file_service.sharing.errors import SharedWithOwner, ShareNotFound
from file_service.sharing.repository import Share, SharedFile
from file_service.sharing.telling import CREATED, DELETED, UPDATED, tell
from file_service.usage.errors import OwnerGone
from file_service.usage.service import Quotas
from strongroom.database import Database

log = structlog.get_logger()

_AT_ONCE = 500


class Sharing:
    def __init__(
        self, database: Database, quotas: Quotas, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._clock = clock

    async def share(self, owner: UUID, file_id: UUID, grantee: UUID, *, may_write: bool) -> tuple[Share, bool]:
        """The share, and whether it is new: with an account that has one already, it changes what that may.

        Whether there is such an account is not known here. Raises FileNotFound, SharedWithOwner.
        """
        async with self._quotas.changing(owner) as (tx, _):
            if await files.owned(tx, owner, file_id) is None:
                raise FileNotFound
            if grantee == owner:
                raise SharedWithOwner
            before = await repository.find(tx, file_id, grantee)
            is_new = before is None
            share = before or Share(uuid7(), file_id, owner, grantee, may_write, self._clock())
            if is_new or share.may_write != may_write:
                share = await repository.put(tx, replace(share, may_write=may_write))
                await tell(tx, owner, CREATED if is_new else UPDATED, share.id)
        log.info("file.shared", file_id=str(file_id), share_id=str(share.id), may_write=may_write)
        return share, is_new

    async def listed(self, owner: UUID, file_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Share]:
        """Newest first, for the owner only. Raises FileNotFound."""
        async with self._database.reading() as connection:
            if await files.owned(connection, owner, file_id) is None:
                raise FileNotFound
            return await repository.listed(connection, file_id, before=before, limit=limit)

    async def with_account(self, account: UUID, *, before: UUID | None, limit: int) -> Sequence[SharedFile]:
        async with self._database.reading() as connection:
            return await repository.with_account(connection, account, before=before, limit=limit)

    async def withdraw(self, account: UUID, file_id: UUID, share_id: UUID) -> None:
        """By the owner, or by the account that it was shared with. Raises ShareNotFound."""
        async with self._database.reading() as connection:
            owner = await repository.owner(connection, account, file_id, share_id)
        if owner is None:
            raise ShareNotFound
        async with self._quotas.changing(owner) as (tx, _):
            await tell(tx, owner, DELETED, share_id)
            if not await repository.remove(tx, share_id):
                raise ShareNotFound
        log.info("share.withdrawn", file_id=str(file_id), share_id=str(share_id))

    async def leave(self, account: UUID) -> int:
        """Withdraws all that others have shared with an account that is gone. How many there were. Raises OwnerBusy."""
        count = 0
        while True:
            async with self._database.reading() as connection:
                found = await repository.given_to(connection, account, _AT_ONCE)
            for owner, share_id in found:
                await self._end(owner, share_id)
            count += len(found)
            if len(found) < _AT_ONCE:
                return count

    async def _end(self, owner: UUID, share_id: UUID) -> None:
        try:
            async with self._quotas.changing(owner) as (tx, _):
                await tell(tx, owner, DELETED, share_id)
                await repository.remove(tx, share_id)
        except OwnerGone:  # and there is nobody to tell
            async with self._database.begin() as tx:
                await repository.remove(tx, share_id)
