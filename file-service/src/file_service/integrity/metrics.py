"""What Prometheus is told about stored bytes."""

import math
from collections.abc import Callable
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from file_service.integrity.repository import Counts


class IntegrityMetrics:
    """Counters are this process's. Gauges are the whole service's as last told, so every replica shows the same."""

    def __init__(
        self, registry: CollectorRegistry, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        def counter(name: str, meaning: str) -> Counter:
            return Counter(f"strongroom_files_{name}", meaning, registry=registry)

        def gauge(name: str, meaning: str) -> Gauge:
            return Gauge(f"strongroom_files_{name}", meaning, registry=registry)

        self.scrubbed_bytes = counter("scrubbed_bytes", "Bytes read again and compared with their checksums")
        self.orphans_found = counter("orphans_found", "Objects past the time of grace that nothing refers to")
        self.orphans_deleted = counter("orphans_deleted", "Such objects that were deleted")
        self._damaged = gauge("damaged_versions", "Versions whose stored bytes are not what they were")
        self._missing = gauge("missing_versions", "Versions whose object the store does not have")
        self._clock = clock
        self._scrubbed_at: datetime | None = None
        self._swept_at: datetime | None = None
        scrub_age = gauge("scrub_age_seconds", "Since the scrub last had a turn")
        sweep_age = gauge("sweep_age_seconds", "Since the sweep of orphans was last through")
        scrub_age.set_function(lambda: self._age(self._scrubbed_at))
        sweep_age.set_function(lambda: self._age(self._swept_at))

    def tell(self, counts: Counts, *, scrubbed_at: datetime | None, swept_at: datetime | None) -> None:
        self._damaged.set(counts.damaged)
        self._missing.set(counts.missing)
        self._scrubbed_at = scrubbed_at
        self._swept_at = swept_at

    def _age(self, moment: datetime | None) -> float:
        return math.inf if moment is None else (self._clock() - moment).total_seconds()
