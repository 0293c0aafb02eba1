"""Removes everything of an account: in portions, since there may be a million files, and for good."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from file_service.database.among import among
from file_service.database.tables import files as file_rows
from file_service.files import repository as files
from file_service.files import version_repository as versions
from file_service.files.freeing import Freeing
from file_service.purging import repository
from file_service.resumable import repository as uploads
from file_service.resumable.releasing import Releasing
from file_service.sharing.service import Sharing
from file_service.usage.service import Quotas
from file_service.webhooks import delivery_repository as deliveries
from strongroom.database import Transaction

log = structlog.get_logger()

_AT_ONCE = 500

# Removes up to so many of something, and says how many there were.
Step = Callable[[Transaction, UUID, int], Awaitable[int]]


class Purging:
    """From the first portion on the owner counts as gone: whoever is about to make something of theirs is refused
    when it comes to the row, and takes the bytes back. The objects are freed by jobs, as they always are.

    Nothing is told in the owner's log of events, which goes too. Who shared something with them is told.
    """

    def __init__(
        self, quotas: Quotas, freeing: Freeing, releasing: Releasing, sharing: Sharing, *, at_once: int = _AT_ONCE
    ) -> None:
        self._quotas = quotas
        self._freeing = freeing
        self._releasing = releasing
        self._sharing = sharing
        self._at_once = at_once

    async def purge(self, owner: UUID) -> None:
        """Returns when nothing is left. Whatever breaks it off, doing it again goes on where it was. Raises OwnerBusy.

        Once more does no harm, and takes little.
        """
        # Links and webhooks first: those anybody can use, and these tell others.
        # Files before what is counted of what is derived from them.
        steps: tuple[tuple[str, Step], ...] = (
            ("links", repository.remove_links),
            ("deliveries", deliveries.remove_of),
            ("uploads", self._remove_uploads),
            ("files", self._remove_files),
            ("events", repository.remove_events),
        )
        gone = {name: await self._all(owner, step) for name, step in steps}
        gone["shares"] = await self._sharing.leave(owner)
        async with self._quotas.purging(owner) as tx:
            await repository.remove_rest(tx, owner)
        log.info("owner.purged", owner=str(owner), **gone)

    async def purge_again(self) -> None:
        """Where something was kept since, as a process of the release before does. Raises OwnerBusy."""
        for owner in await self._quotas.gone_with_files():
            await self.purge(owner)

    async def _all(self, owner: UUID, step: Step) -> int:
        count = 0
        while True:
            async with self._quotas.purging(owner) as tx:
                removed = await step(tx, owner, self._at_once)
            count += removed
            if removed < self._at_once:
                return count

    async def _remove_uploads(self, tx: Transaction, owner: UUID, limit: int) -> int:
        """Also while a request is at one, which is told at its next step."""
        gone = await uploads.remove_of(tx, owner, limit)
        for upload in gone:
            await self._releasing.release_within(tx, upload)
        return len(gone)

    async def _remove_files(self, tx: Transaction, owner: UUID, limit: int) -> int:
        """With their versions, links, shares, and all that was derived from them."""
        doomed = await repository.some_files(tx, owner, limit)
        removed = await versions.remove_of(tx, doomed)
        await files.remove(tx, among(file_rows.c.id, doomed))
        await self._quotas.release_within(tx, owner, bytes_=removed.bytes, files=len(doomed))
        await self._freeing.free_within(tx, removed.object_keys)
        return len(doomed)
