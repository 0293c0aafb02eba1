"""What Prometheus is told of parsers."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

from file_service.sandbox.errors import Interrupted, Unreadable

_BOUNDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
# The others are the parsers' own, and what reads hostile bytes is not to say how many there are.
_REASONS = frozenset({"crashed", "out-of-memory", "took-too-long"})


class ParserMetrics:
    """Of this process. Without a `registry` it counts for nobody."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._runs = Counter(
            "strongroom_parser_runs",
            "Files that were read, by what came of it",
            ["parser", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "strongroom_parser_run_duration_seconds",
            "Of reading one file, from the start of its process",
            ["parser"],
            buckets=_BOUNDS,
            registry=registry,
        )

    @contextmanager
    def run(self, parser: str) -> Iterator[None]:
        """Around one run."""
        began, outcome = time.monotonic(), "failed"
        try:
            yield
            outcome = "done"
        except Unreadable as error:
            outcome = error.reason if error.reason in _REASONS else "unreadable"
            raise
        except (Interrupted, asyncio.CancelledError):
            outcome = "interrupted"
            raise
        finally:
            self._runs.labels(parser, outcome).inc()
            self._seconds.labels(parser).observe(time.monotonic() - began)
