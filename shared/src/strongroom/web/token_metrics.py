"""What Prometheus is told of the verification of tokens."""

import math
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from strongroom.tokens import TokenVerifier


class TokenMetrics(Collector):
    """Ages are infinite where the issuer was never reached, and are not told before anybody tried.

    `counting` is for who has every token judged by `verify`.
    """

    def __init__(self, verifier: TokenVerifier, *, counting: bool = True) -> None:
        self._verifier = verifier
        self._counting = counting

    def collect(self) -> Iterator[Metric]:
        feed, keys = self._verifier.feed, self._verifier.keys
        ages = (
            ("strongroom_revocation_feed_age_seconds", "Since the feed of revocations answered", feed.age, feed.begun),
            ("strongroom_jwks_age_seconds", "Since the issuer's keys were fetched", keys.age, math.isfinite(keys.age)),
        )
        for name, meaning, age, is_known in ages:
            gauge = GaugeMetricFamily(name, meaning)
            if is_known:
                gauge.add_metric([], age)
            yield gauge
        if self._counting:
            yield from self._counts()

    def _counts(self) -> Iterator[Metric]:
        counts = self._verifier.counts
        judged = CounterMetricFamily("strongroom_tokens_verified", "Genuine ones, by whether known", labels=["how"])
        judged.add_metric(["warm"], counts.warm)
        judged.add_metric(["cold"], counts.cold)
        yield judged
        refused = CounterMetricFamily(
            "strongroom_tokens_refused", "Tokens that were refused, by why", labels=["reason"]
        )
        for slug, count in list(counts.refused.items()):
            refused.add_metric([slug], count)
        yield refused
