"""Has derived anew what the store has lost: the file is still there, so nothing is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from file_service.derivations import repository
from file_service.derivations.errors import NotDerivedYet
from file_service.derivations.repository import Derivation
from file_service.derivations.service import Derivations
from file_service.storage.object_store import ObjectMissing
from strongroom.database import Database

log = structlog.get_logger()


class Renewal:
    def __init__(self, database: Database, asking: Derivations) -> None:
        self._database = database
        self._asking = asking

    @asynccontextmanager
    async def of(self, one: Derivation) -> AsyncIterator[None]:
        """For reading one of its objects. Raises NotDerivedYet where the store has it no more."""
        try:
            yield
        except ObjectMissing as missing:
            log.warning("derivation.lost", parser=one.parser, source=one.object_key)
            await self._renew(one)
            raise NotDerivedYet from missing

    async def _renew(self, one: Derivation) -> None:
        async with self._database.begin() as tx:
            now = await repository.find(tx, one.object_key, one.parser, lock=True)
            # Not if it has been renewed since, by whoever else missed it.
            if now is not None and now.finished_at == one.finished_at:
                await self._asking.again_within(tx, one)
