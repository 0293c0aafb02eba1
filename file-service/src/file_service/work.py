"""Puts together the worker: the process that does what takes long, beside the service and never in its way."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prometheus_client import CollectorRegistry

from file_service.derivations.service import DERIVE, DERIVE_TABLE
from file_service.deriving.languages import Languages
from file_service.deriving.service import Deriving
from file_service.posting import posting
from file_service.sandbox.limits import Limits
from file_service.sandbox.metrics import ParserMetrics
from file_service.sandbox.pool import Pool
from file_service.sandbox.sandbox import Sandbox
from file_service.settings import WorkerSettings
from file_service.storage.discarding import Arrivals
from file_service.storage.object_store import ObjectStore
from file_service.storing import object_store
from file_service.webhooks.metrics import AttemptMetrics
from strongroom.database import Database
from strongroom.database.job_worker import Worker
from strongroom.database.metrics import PoolMetrics
from strongroom.web.metrics_server import MetricsServer

_SCHEMA = "files"


async def work(settings: WorkerSettings) -> None:
    """Until SIGTERM or SIGINT. What is not finished then is begun again by whoever comes next."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    store = object_store(settings)
    database = Database(settings.database_url.get_secret_value())
    server = MetricsServer(settings.worker_metrics_listen, [PoolMetrics(database)])
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.aclose)
        stack.push_async_callback(database.aclose)
        stack.enter_context(server)
        await stack.enter_async_context(working(settings, database, store, told_in=server.registry))
        await stopping.wait()


@asynccontextmanager
async def working(
    settings: WorkerSettings,
    database: Database,
    store: ObjectStore,
    *,
    background: bool = True,
    told_in: CollectorRegistry | None = None,
) -> AsyncIterator[None]:
    """At work while inside, at what the settings name; in the `background` it leaves the processor to others.

    What came of it is counted in the registry that it is `told_in`.
    """
    registry = told_in or CollectorRegistry()
    async with AsyncExitStack() as stack:
        if settings.work != "webhooks":
            reading = _reading(settings, database, store, ParserMetrics(registry), background=background)
            await stack.enter_async_context(reading)
        if settings.work != "insides":
            await stack.enter_async_context(posting(settings, database, sent=AttemptMetrics(registry).add))
        yield


@asynccontextmanager
async def _reading(
    settings: WorkerSettings, database: Database, store: ObjectStore, metrics: ParserMetrics, *, background: bool
) -> AsyncIterator[None]:
    """Finds out what is inside files."""
    arrivals = Arrivals(store, good_for=settings.orphan_hours * 3600 / 2)
    at_once = max(2, os.cpu_count() or 2)
    tables = Sandbox(at_once=max(1, at_once // 2), background=background, metrics=metrics)
    others = Sandbox(at_once=at_once, background=background, metrics=metrics)
    async with AsyncExitStack() as stack:
        telling = Pool("language", Limits(seconds=60), at_once=1, patience=600, background=background)
        languages = Languages(await stack.enter_async_context(telling))
        deriving = Deriving(database, store, arrivals, languages, tables=tables, others=others)
        url = settings.database_url.get_secret_value()
        for name in (DERIVE, DERIVE_TABLE):  # one for tables and one for the rest, so that neither waits for the other
            # What is going on is given up at once: it would take minutes, and is done again.
            worker = Worker(url, _SCHEMA, deriving.handlers(name), at_once=2 * at_once, grace=0.5)
            await stack.enter_async_context(worker)
        yield
