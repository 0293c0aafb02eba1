"""Rate, errors, duration and bytes of requests by route; a request costs a few additions, and the rest who asks."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from strongroom.web.access import Served

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LE = [*(f"{bound:g}" for bound in _BOUNDS), "+Inf"]
_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_NOWHERE, _OTHER = "none", "OTHER"
_LABELS = ["route", "method"]


class _Counts:
    __slots__ = ("answers", "durations", "received", "seconds", "sent")

    def __init__(self) -> None:
        self.answers = [0] * len(_CLASSES)
        self.durations = [0] * len(_LE)
        self.seconds = 0.0
        self.received = 0
        self.sent = 0


class Traffic(Collector):
    """Of routes there are as many as in the code: whatever paths are asked for that lead nowhere are one, `none`."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str | None, str], _Counts] = {}

    def add(self, served: Served) -> None:
        key = (served.route, served.method)
        counts = self._counts.get(key) or self._begin(*key)
        seconds = served.elapsed if served.seconds is None else served.seconds
        counts.answers[served.status // 100 - 1] += 1
        counts.durations[bisect_left(_BOUNDS, seconds)] += 1
        counts.seconds += seconds
        counts.received += served.received
        counts.sent += served.sent

    def _begin(self, route: str | None, method: str) -> _Counts:
        return self._counts.setdefault((route, method if method in _METHODS else _OTHER), _Counts())

    def collect(self) -> Iterator[Metric]:
        answers = CounterMetricFamily("strongroom_http_requests", "Requests that are over", labels=[*_LABELS, "status"])
        durations = HistogramMetricFamily(
            "strongroom_http_request_duration_seconds", "From the head to the head of the answer", labels=_LABELS
        )
        received = CounterMetricFamily("strongroom_http_received_bytes", "Of bodies of requests", labels=_LABELS)
        sent = CounterMetricFamily("strongroom_http_sent_bytes", "Of bodies of answers", labels=_LABELS)
        for (route, method), counts in list(self._counts.items()):
            labels = [route or _NOWHERE, method]
            for status, count in zip(_CLASSES, counts.answers, strict=True):
                if count:
                    answers.add_metric([*labels, status], count)
            buckets = list(zip(_LE, map(float, accumulate(counts.durations)), strict=True))
            durations.add_metric(labels, buckets, counts.seconds)
            received.add_metric(labels, counts.received)
            sent.add_metric(labels, counts.sent)
        yield from (answers, durations, received, sent)
