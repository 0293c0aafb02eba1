"""Puts together what Prometheus is told, beside what the parts tell themselves."""

from collections.abc import Collection

from file_service.derivations.service import DERIVE, DERIVE_TABLE
from file_service.events.audience import Audience
from file_service.events.metrics import EventMetrics
from file_service.webhooks.lanes import DELIVER
from file_service.webhooks.metrics import PendingMetrics
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.database.job_list import JobList
from strongroom.database.metrics import JobMetrics, PoolMetrics
from strongroom.web.metrics import Metrics
from strongroom.web.token_metrics import TokenMetrics

_SCHEMA = "files"
ELSEWHERE = (DERIVE, DERIVE_TABLE, DELIVER)  # jobs that workers do, and the service tells of


def tell(
    metrics: Metrics, database: Database, verifier: TokenVerifier, audience: Audience, jobs: Collection[str]
) -> None:
    """`jobs` are the names of those that there can be."""
    queued = JobMetrics(JobList(database, _SCHEMA), named=jobs)
    pending = PendingMetrics(database)
    metrics.add(PoolMetrics(database), TokenMetrics(verifier), EventMetrics(audience), queued, pending)
    metrics.before(queued.look, pending.look)
