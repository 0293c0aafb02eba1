"""Queues work for later inside the transaction that calls for it, so that neither is without the other (pgqueuer).

A job's payload is JSON and lies in the table in the clear: seal what is secret before it is enqueued.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, cast

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, column, delete, table, text

from strongroom.call_context import current
from strongroom.database.engine import Database, Transaction

Payload: TypeAlias = Mapping[str, Any]

_LOG_KEPT = timedelta(days=7)
_DEAD_KEPT = timedelta(days=30)


class JobQueue:
    """The queue of one service, in its schema. `Worker` does what is queued here."""

    def __init__(
        self, database: Database, schema: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._names = names(schema)
        self._clock = clock

    async def enqueue(self, tx: Transaction, name: str, payload: Payload) -> None:
        """Done by some worker soon after the transaction commits, at least once; never if it rolls back.

        What the job does is logged and audited under the id of the request that is being served here, and its calls
        carry on that request's trace.
        """
        await self.enqueue_all(tx, name, [payload])

    async def enqueue_all(self, tx: Transaction, name: str, payloads: Sequence[Payload]) -> None:
        """One job for each."""
        if not payloads:
            return
        headers = current().kept() or None
        # To enqueue, pgqueuer calls nothing of a driver but `fetch`.
        within = cast("Driver", _Within(tx))
        count = len(payloads)
        written: list[bytes | None] = [to_json(payload) for payload in payloads]
        await queries(within, self._names).enqueue([name] * count, written, [0] * count, headers=[headers] * count)

    async def rewrite(self, name: str, change: Callable[[Payload], Payload]) -> int:
        """Replaces the payload of every job of that name, also of those given up. How many there are.

        Those that are being done at this moment are waited for, so that none is missed.
        """
        jobs = table("pgqueuer", column("id"), column("entrypoint"), column("payload"), schema=self._names.db_schema)
        query = jobs.select().where(jobs.c.entrypoint == name).with_for_update()
        async with self._database.begin() as tx:
            found = (await tx.execute(query)).all()
            for row in found:
                changed = to_json(change(from_json(row.payload)))
                await tx.execute(jobs.update().where(jobs.c.id == row.id).values(payload=changed))
        return len(found)

    async def prune(self) -> None:
        """Forgets what was done a week ago, and what was given up a month ago."""
        now = self._clock()
        log = table("pgqueuer_log", column("created"), schema=self._names.db_schema)
        jobs = table("pgqueuer", column("status"), column("updated"), schema=self._names.db_schema)
        failed = text(f"status = 'failed'::{self._names.qualified.queue_status_type}")
        async with self._database.begin() as tx:
            await tx.execute(delete(log).where(log.c.created < now - _LOG_KEPT))
            await tx.execute(delete(jobs).where(failed, jobs.c.updated < now - _DEAD_KEPT))


def install(connection: Connection, schema: str) -> None:
    """For a migration: makes the tables as the installed release of pgqueuer wants them, in the same transaction.

    A later release that wants others needs a migration of its own; `Queries.upgrade` knows the difference.
    """
    statements = QueryBuilderEnvironment(names(schema)).build_install_query(create_schema=False)
    adapted = connection.connection.dbapi_connection
    assert adapted is not None
    # Several statements in one, which SQLAlchemy would prepare and PostgreSQL then refuse.
    adapted.run_async(lambda raw: raw.execute(statements))


def names(schema: str) -> DBSettings:
    """pgqueuer's own names in our schema, every one given: else it would take them out of the environment."""
    return DBSettings(
        prefix="",
        db_schema=schema,
        channel=Channel(f"{schema}_jobs"),
        function="fn_pgqueuer_changed",
        trigger="tg_pgqueuer_changed",
        queue_table="pgqueuer",
        queue_table_log="pgqueuer_log",
        queue_status_type="pgqueuer_status",
        statistics_table="pgqueuer_statistics",
        schedules_table="pgqueuer_schedules",
        durability=Durability.durable,
        widen_id=True,
    )


def queries(driver: Driver, settings: DBSettings) -> Queries:
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(settings),
        qbq=QueryQueueBuilder(settings),
        qbs=QuerySchedulerBuilder(settings),
    )


class _Within:
    """Lets pgqueuer enqueue through SQLAlchemy, and so certainly inside the transaction that it has begun."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        rows = (await self._tx.exec_driver_sql(query, args)).mappings()
        return [{str(name): value for name, value in row.items()} for row in rows]
