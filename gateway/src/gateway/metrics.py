"""Counts what passes, for Prometheus; a request costs two additions, and the rest is worked out when somebody asks."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Sized
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.upstreams import Upstream

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_LE = [*(f"{bound:g}" for bound in _BOUNDS), "+Inf"]


class Traffic(Collector):
    """Rate, errors and duration of the requests, by the service that they went to; `gateway` for its own answers."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def add(self, service: str, method: str, status: int, seconds: float) -> None:
        self._answers[service, method, status] += 1
        durations = self._durations.get(service)
        if durations is None:
            durations = self._durations[service] = [0] * len(_LE)
        durations[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[service] += seconds

    def collect(self) -> Iterator[Metric]:
        answers = CounterMetricFamily(
            "strongroom_gateway_requests", "Requests that are over", labels=["service", "method", "status"]
        )
        for (service, method, status), count in list(self._answers.items()):
            answers.add_metric([service, method, str(status)], count)
        yield answers
        durations = HistogramMetricFamily(
            "strongroom_gateway_request_duration_seconds", "From the head to the end of the answer", labels=["service"]
        )
        for service, counts in list(self._durations.items()):
            buckets = list(zip(_LE, map(float, accumulate(counts)), strict=True))
            durations.add_metric([service], buckets, self._seconds[service])
        yield durations


class Connections(Collector):
    """Who is connected, and how the processes of the services are."""

    def __init__(self, clients: Sized, upstreams: Sequence[Upstream]) -> None:
        self._clients = clients
        self._upstreams = upstreams

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("strongroom_gateway_clients", "Open connections of clients", len(self._clients))
        outstanding = GaugeMetricFamily(
            "strongroom_gateway_outstanding", "Requests that a process is at work for", labels=["service", "address"]
        )
        ill = GaugeMetricFamily(
            "strongroom_gateway_upstream_ill", "1 while a process is spared", labels=["service", "address"]
        )
        for upstream in self._upstreams:
            for address in upstream.addresses:
                outstanding.add_metric([upstream.name, address.origin], address.outstanding)
                ill.add_metric([upstream.name, address.origin], address.is_spared)
        yield outstanding
        yield ill
