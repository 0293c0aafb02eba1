"""Removes uploads that nobody went on with, and remembers nothing of finished ones any longer."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from file_service.resumable import repository
from file_service.resumable.releasing import Releasing
from strongroom.database import Database

log = structlog.get_logger()

_AT_ONCE = 100


class Expiry:
    def __init__(
        self, database: Database, releasing: Releasing, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._releasing = releasing
        self._clock = clock

    async def turn(self) -> None:
        """All that is due. Replicas may be at it at the same time; each takes what the others leave."""
        while await self._portion() == _AT_ONCE:
            pass

    async def _portion(self) -> int:
        async with self._database.begin() as tx:
            gone = await repository.remove_expired(tx, self._clock(), _AT_ONCE)
            for upload in gone:
                await self._releasing.release_within(tx, upload)
        for upload in gone:
            if not upload.is_finished:
                log.info("upload.expired", upload_id=str(upload.id), received=upload.received)
        return len(gone)
