"""What Prometheus is told of connections and of queued jobs."""

from collections.abc import Collection, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from strongroom.database.engine import Database
from strongroom.database.job_list import JobList, QueuedJobs
from strongroom.database.recent import Recent


class PoolMetrics(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        state = self._database.pool
        yield GaugeMetricFamily("strongroom_database_pool_size", "Connections at most", state.size)
        yield GaugeMetricFamily("strongroom_database_pool_in_use", "Connections that somebody has", state.in_use)
        yield GaugeMetricFamily("strongroom_database_pool_waiting", "Who has none yet", state.waiting)
        yield CounterMetricFamily("strongroom_database_pool_timeouts", "Who was given none in time", state.timeouts)


class JobMetrics(Collector):
    """Of the whole queue, so every replica tells the same. `look` first. Those `named` are told of also at 0."""

    def __init__(self, jobs: JobList, named: Collection[str] = ()) -> None:
        self._named = named
        self._recent: Recent[Sequence[QueuedJobs]] = Recent(jobs.queued)
        self.look = self._recent.look

    def collect(self) -> Iterator[Metric]:
        counts = GaugeMetricFamily("strongroom_jobs", "Jobs that are not done", labels=["name", "state"])
        ages = GaugeMetricFamily(
            "strongroom_job_oldest_due_seconds",
            "For how long the oldest has waited that could be done",
            labels=["name"],
        )
        if self._recent.value is not None:
            found = {(one.name, one.state): one for one in self._recent.value}
            names = {*self._named, *(name for name, _ in found)}
            for one in found.values():
                counts.add_metric([one.name, one.state], one.count)
            for name in sorted(names):
                queued = found.get((name, "queued"))
                ages.add_metric([name], queued.oldest_due_seconds if queued else 0)
        yield counts
        yield ages
