"""What Prometheus is told of webhooks: by the service what is pending, by the worker how it went."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from file_service.webhooks import delivery_repository as deliveries
from file_service.webhooks.courier import Outcome
from strongroom.database import Database
from strongroom.database.recent import Recent

_MOST = 100_000
_EVERY = 30.0


class PendingMetrics(Collector):
    """Of all webhooks, so every replica tells the same. `look` first."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock
        self._recent = Recent(self._pending, every=_EVERY)
        self.look = self._recent.look

    async def _pending(self) -> tuple[int, datetime | None]:
        async with self._database.reading() as connection:
            return await deliveries.pending(connection, _MOST)

    def collect(self) -> Iterator[Metric]:
        pending = GaugeMetricFamily("strongroom_webhook_deliveries_pending", "Not through yet; counted up to 100,000")
        oldest = GaugeMetricFamily("strongroom_webhook_oldest_pending_seconds", "Age of the oldest that is on its way")
        if self._recent.value is not None:
            count, since = self._recent.value
            pending.add_metric([], count)
            oldest.add_metric([], 0 if since is None else (self._clock() - since).total_seconds())
        yield pending
        yield oldest


class AttemptMetrics:
    """Of this process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "strongroom_webhook_attempts",
            "Messages that were posted, by what came of it",
            ["outcome"],
            registry=registry,
        )
        self._attempts.labels("delivered")

    def add(self, outcome: Outcome) -> None:
        self._attempts.labels(outcome.error or "delivered").inc()
