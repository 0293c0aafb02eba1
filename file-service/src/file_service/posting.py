"""Puts together webhooks: for the service, where owners have them, and for the worker, which sends what there is."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from file_service.keys import derived_key
from file_service.settings import FileSettings, StorageSettings, WorkerSettings
from file_service.usage.service import Quotas
from file_service.webhooks.addresses import Destinations, Resolve, SystemResolver
from file_service.webhooks.backoff import Backoff
from file_service.webhooks.courier import Courier, Outcome
from file_service.webhooks.deliveries import DeliveryLog
from file_service.webhooks.delivering import Delivering
from file_service.webhooks.dispatching import Dispatching
from file_service.webhooks.enabling import Enabling
from file_service.webhooks.following import following
from file_service.webhooks.lanes import Lanes
from file_service.webhooks.recording import Recording
from file_service.webhooks.service import Webhooks
from file_service.webhooks.signing import Secrets
from strongroom.database import Database
from strongroom.database.job_worker import Worker
from strongroom.database.jobs import JobQueue

_SCHEMA = "files"
_AT_ONCE = 256  # messages on their way, in one process; all that most of them do is wait
_GRACE = 2.0  # seconds; what a receiver takes longer to answer is sent again


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds: for one message, between looks at what is due and at everything, and for a worker that is silent."""

    message: float = 15
    due: float = 1
    everything: float = 30
    heartbeat: float = 30


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def webhooks(
    settings: FileSettings, database: Database, jobs: JobQueue, quotas: Quotas
) -> AsyncIterator[tuple[object, ...]]:
    """Gives the parts that routes need."""
    resolver, lanes = SystemResolver(), Lanes(jobs)
    destinations = Destinations(resolver, private=settings.webhook_private_addresses)
    secrets, at_most = _secrets(settings), settings.max_webhooks
    try:
        yield (
            Webhooks(database, quotas, secrets, destinations, Enabling(lanes), at_most=at_most),
            DeliveryLog(database, lanes),
        )
    finally:
        resolver.close()


@asynccontextmanager
async def posting(
    settings: WorkerSettings,
    database: Database,
    *,
    sent: Callable[[Outcome], None] = lambda _: None,
    resolve: Resolve | None = None,
    tls: ssl.SSLContext | None = None,
    backoff: Backoff | None = None,
    patience: Patience | None = None,
    clock: Callable[[], datetime] = _now,
) -> AsyncIterator[None]:
    """At work while inside."""
    url, patience = settings.database_url.get_secret_value(), patience or Patience()
    lanes = Lanes(JobQueue(database, _SCHEMA))
    # Only to lock owners: nothing is charged here.
    quotas, enabling = Quotas(database, default=0), Enabling(lanes, clock=clock)
    failing_for = timedelta(days=settings.webhook_failing_days)
    recording = Recording(database, quotas, lanes, enabling, backoff or Backoff(), failing_for=failing_for)
    dispatching = Dispatching(database, lanes, kept=timedelta(days=settings.webhook_log_days), clock=clock)
    async with AsyncExitStack() as stack:
        resolver = SystemResolver(at_once=_AT_ONCE)
        stack.callback(resolver.close)
        destinations = Destinations(resolve or resolver, private=settings.webhook_private_addresses)
        courier = await stack.enter_async_context(Courier(destinations, tls=tls, seconds=patience.message))
        delivering = Delivering(database, courier, _secrets(settings), recording, sent=sent, clock=clock)
        beat = timedelta(seconds=patience.heartbeat)
        worker = Worker(url, _SCHEMA, delivering.handlers(), heartbeat=beat, grace=_GRACE, at_once=_AT_ONCE)
        await stack.enter_async_context(worker)
        follow = following(dispatching, url, due_every=patience.due, look_every=patience.everything)
        await stack.enter_async_context(follow)
        yield


def _secrets(settings: StorageSettings) -> Secrets:
    """Under the one secret that the service and the worker both have. Under a new one, owners have to rotate theirs."""
    return Secrets(derived_key(settings.s3_secret_key.get_secret_value(), "webhook-secrets"))
