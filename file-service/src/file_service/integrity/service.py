"""Tells what the scrub and the sweep have found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from file_service.integrity import repository, rounds, scrub, sweep
from file_service.integrity.metrics import IntegrityMetrics
from file_service.integrity.repository import Counts, Faulty
from strongroom.database import Database


@dataclass(frozen=True, slots=True)
class Findings:
    """`scrubbed_at` is when the scrub last had a turn, `swept_at` when the sweep was last through."""

    counts: Counts
    scrubbed_at: datetime | None
    swept_at: datetime | None


class Integrity:
    def __init__(self, database: Database, metrics: IntegrityMetrics) -> None:
        self._database = database
        self._metrics = metrics

    async def findings(self) -> Findings:
        async with self._database.reading() as connection:
            counts = await repository.count(connection)
            scrubbed = await rounds.find(connection, scrub.CHORE)
            swept = await rounds.find(connection, sweep.CHORE)
        return Findings(counts, scrubbed.turned_at, swept.finished_at)

    async def faulty(self, *, after: tuple[UUID, int] | None, limit: int) -> Sequence[Faulty]:
        """Versions whose bytes are damaged or missing, by their files' ids."""
        async with self._database.reading() as connection:
            return await repository.faulty(connection, after=after, limit=limit)

    async def tell_metrics(self) -> None:
        """In every replica, whichever of them found it."""
        found = await self.findings()
        self._metrics.tell(found.counts, scrubbed_at=found.scrubbed_at, swept_at=found.swept_at)
