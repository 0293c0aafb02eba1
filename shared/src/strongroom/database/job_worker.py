"""Does queued jobs: as many times as it takes, across lost connections, killed processes and several replicas."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, NoReturn, Self

import structlog
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain import models
from pgqueuer.domain.errors import RetryRequested
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from strongroom.database.engine import asyncpg_url
from strongroom.database.job_context import on_behalf
from strongroom.database.job_driver import UnhurriedDriver
from strongroom.database.jobs import names, queries

log = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_AT_ONCE = 10
_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """`attempt` counts from 0."""

    id: int
    name: str
    payload: dict[str, Any]
    attempt: int
    enqueued_at: datetime


class NotYet(Exception):
    """It did not work, and may later. The reason is kept and logged: nothing secret, nothing of a person."""


class GiveUp(Exception):
    """It will never work. The job stays in the table as `failed`, with the reason in the log table."""


@dataclass(frozen=True, slots=True)
class Handler:
    """`run` may be called again after it succeeded, when a worker dies before it could say so: make that harmless.

    Any exception but GiveUp is followed by another attempt, after a pause that doubles and is jittered, until the job
    is `keep_trying` old; None is for ever. An attempt that takes longer than `time_limit` is cancelled.
    """

    run: Callable[[Job], Awaitable[None]]
    keep_trying: timedelta | None = timedelta(days=3)
    time_limit: timedelta = timedelta(minutes=1)
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(minutes=15)


class Worker:
    """Works inside `async with`, on a connection of its own, which it makes anew whenever it is lost.

    Jobs without a handler here are left for others. A job of a worker that died is taken up by another one after
    `heartbeat`; what is due again, or was missed, is looked for every `poll`. It does an even number of them `at_once`.
    """

    def __init__(
        self,
        url: str,
        schema: str,
        handlers: Mapping[str, Handler],
        *,
        poll: timedelta = timedelta(seconds=5),
        heartbeat: timedelta = timedelta(seconds=30),
        grace: float = _GRACE,
        at_once: int = _AT_ONCE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        # Without a time limit for commands, a connection that fell silent would hold the worker up for ever.
        limits = {"timeout": 5, "command_timeout": 10}
        self._engine = create_async_engine(asyncpg_url(url), poolclass=NullPool, connect_args=limits)
        self._names = names(schema)
        self._handlers = handlers
        self._poll = poll
        self._heartbeat = heartbeat
        self._grace = grace
        self._at_once = at_once
        self._clock = clock
        self._stopping = asyncio.Event()
        self._manager: QueueManager | None = None
        self._pause = _FIRST_PAUSE
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_working())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Jobs that do not finish in the time of grace go back to the queue."""
        assert self._task is not None
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()
        # Also while it connects, which has a time limit: what is cut off half way there fails where nobody looks.
        await asyncio.wait({self._task}, timeout=self._grace)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._engine.dispose()

    async def _keep_working(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001 - nobody else could handle it, and it is tried again
                log.warning("jobs.worker_lost", schema=self._names.db_schema, cause=repr(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause * random.uniform(0.5, 1)):  # noqa: S311 - spreads the load
                    await self._stopping.wait()
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    async def _work(self) -> None:
        """Until it is told to stop, or the connection is lost."""
        async with self._engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            self._pause = _FIRST_PAUSE
            driver = UnhurriedDriver(raw)
            try:
                if not self._stopping.is_set():
                    await self._manage(driver, raw)
            finally:
                self._manager = None
                await driver.settle()
                # What is closed without a word to the server cannot hang on a server that does not answer.
                raw.terminate()

    async def _manage(self, driver: UnhurriedDriver, raw: Any) -> None:
        self._manager = manager = self._managed(driver)
        raw.add_termination_listener(lambda _: manager.shutdown.set())
        await manager.run(
            dequeue_timeout=self._poll,
            batch_size=self._at_once // 2,
            max_concurrent_tasks=self._at_once,
            shutdown_on_listener_failure=True,
            heartbeat_timeout=self._heartbeat,
            log_aggregation_interval=timedelta(0),
        )

    def _managed(self, driver: UnhurriedDriver) -> QueueManager:
        manager = QueueManager(queries(driver, self._names), channel=self._names.channel)
        for name, handler in self._handlers.items():
            manager.entrypoint(name, accepts_context=False, on_failure="hold")(partial(self._attempt, handler))
        return manager

    async def _attempt(self, handler: Handler, row: models.Job) -> None:
        job = Job(row.id, row.entrypoint, from_json(row.payload or b"{}"), row.attempts, row.created)
        with on_behalf(row):
            try:
                async with asyncio.timeout(handler.time_limit.total_seconds()):
                    await handler.run(job)
            except asyncio.CancelledError:
                # pgqueuer would throw away what is cancelled; this puts it back.
                raise RetryRequested(reason="interrupted") from None
            except GiveUp as refusal:
                self._give_up(job, str(refusal))
            except NotYet as refusal:
                self._put_off(handler, job, str(refusal))
            except Exception as error:
                log.warning("job.crashed", exc_info=error)
                self._put_off(handler, job, type(error).__name__)

    def _put_off(self, handler: Handler, job: Job, reason: str) -> NoReturn:
        if handler.keep_trying is not None and self._clock() - job.enqueued_at >= handler.keep_trying:
            self._give_up(job, reason)
        longest = min(handler.longest_pause, handler.first_pause * 2 ** min(job.attempt, 30))
        pause = longest * random.uniform(0.5, 1)  # noqa: S311 - spreads the load
        log.info("job.put_off", attempt=job.attempt, reason=reason, seconds=round(pause.total_seconds(), 1))
        raise RetryRequested(pause, reason) from None

    def _give_up(self, job: Job, reason: str) -> NoReturn:
        log.error("job.given_up", attempt=job.attempt, reason=reason)
        raise GiveUp(reason) from None
