"""Forgets events when they have been kept for as long as is promised."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from file_service.events import repository
from strongroom.database import Database

log = structlog.get_logger()

_AT_ONCE = 10_000


class Pruning:
    def __init__(
        self, database: Database, *, kept: timedelta, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._kept = kept
        self._clock = clock

    async def turn(self) -> None:
        """In portions, so that none takes long. Several replicas may be at it."""
        before, count = self._clock() - self._kept, 0
        while gone := await self._prune_some(before):
            count += gone
        if count:
            log.info("events.pruned", count=count)

    async def _prune_some(self, before: datetime) -> int:
        async with self._database.begin() as tx:
            return await repository.prune(tx, before, _AT_ONCE)
