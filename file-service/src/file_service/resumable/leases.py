"""Lets one request at a time change an upload, without a transaction that would have to stay open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from file_service.resumable import repository
from file_service.resumable.errors import UploadLocked
from file_service.resumable.repository import Upload
from strongroom.database import Database
from strongroom.database.engine import DatabaseUnavailable
from strongroom.web.background import first_of, in_background

log = structlog.get_logger()

_LASTING = timedelta(seconds=10)


class Leases:
    """A lease ends `lasting` after its holder was last heard of, so a killed service locks nobody out for longer.

    Whoever loses theirs meanwhile changes nothing any more: every statement of a holder names the lease.
    """

    def __init__(self, database: Database, *, lasting: timedelta = _LASTING) -> None:
        self._database = database
        self._lasting = lasting

    @asynccontextmanager
    async def hold(self, upload_id: UUID) -> AsyncIterator[tuple[UUID, Upload]]:
        """The lease, and the upload as it is under it. Raises UploadLocked at once; nobody waits."""
        token = uuid4()
        async with self._database.begin() as tx:
            upload = await repository.take_lease(tx, upload_id, token, self._lasting)
        if upload is None:
            raise UploadLocked

        async def keep(stop: asyncio.Event) -> None:
            await self._keep(upload_id, token, stop)

        try:
            async with in_background(keep):
                yield token, upload
        finally:
            # Shielded: a cancelled request should not lock its client out either.
            await asyncio.shield(self._release(upload_id, token))

    async def _keep(self, upload_id: UUID, token: UUID, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await first_of(stop, within=self._lasting.total_seconds() / 3)
            if not stop.is_set():
                await self._renew(upload_id, token)

    async def _renew(self, upload_id: UUID, token: UUID) -> None:
        try:
            async with self._database.begin() as tx:
                await repository.renew_lease(tx, upload_id, token, self._lasting)
        except DatabaseUnavailable as error:
            log.warning("lease.not_renewed", upload_id=str(upload_id), exc_info=error)

    async def _release(self, upload_id: UUID, token: UUID) -> None:
        try:
            async with self._database.begin() as tx:
                await repository.release_lease(tx, upload_id, token)
        except DatabaseUnavailable as error:
            log.warning("lease.not_released", upload_id=str(upload_id), exc_info=error)
