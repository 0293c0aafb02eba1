"""What Prometheus is told of events."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from file_service.events.audience import Audience


class EventMetrics(Collector):
    """Of this process."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("strongroom_event_listeners", "Who listens just now", self._audience.size)
        yield CounterMetricFamily(
            "strongroom_events_sent", "Events, once for each who was sent it", self._audience.heard
        )
