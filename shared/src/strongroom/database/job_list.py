"""Shows the jobs of one service to whoever looks after it, and gives those another chance that were given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text

from strongroom.database.engine import Database
from strongroom.database.jobs import names


@dataclass(frozen=True, slots=True)
class ListedJob:
    """`state` is queued, picked (being done) or failed (given up); `reason` is why the last attempt failed."""

    id: int
    name: str
    state: str
    attempts: int
    reason: str | None
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class QueuedJobs:
    """All of one name and state. `oldest_due_seconds` is 0 where none is due."""

    name: str
    state: str
    count: int
    oldest_due_seconds: float


class JobList:
    def __init__(self, database: Database, schema: str) -> None:
        self._database = database
        self._schema = names(schema).db_schema

    async def listed(self, *, state: str | None, before: int | None, limit: int) -> Sequence[ListedJob]:
        """What is not done, the newest first."""
        query = self._sql(
            """
            select id, entrypoint as name, status::text as state, attempts, created as created_at,
                execute_after as due_at,
                (
                    select traceback ->> 'exception_message' from {schema}.pgqueuer_log as log
                    where log.job_id = job.id and traceback is not null order by log.created desc limit 1
                ) as reason
            from {schema}.pgqueuer as job
            where (cast(:state as text) is null or status::text = :state)
                and (cast(:before as bigint) is null or id < :before)
            order by id desc limit :limit
            """
        )
        async with self._database.reading() as connection:
            rows = await connection.execute(query, {"state": state, "before": before, "limit": limit})
            return [_listed(row) for row in rows.mappings()]

    async def queued(self) -> Sequence[QueuedJobs]:
        """How many there are, and for how long the first of those has waited that are due."""
        query = self._sql(
            """
            select entrypoint as name, status::text as state, count(*) as count,
                greatest(0, coalesce(extract(epoch from now() - min(execute_after)), 0))::float as oldest_due_seconds
            from {schema}.pgqueuer group by entrypoint, status
            """
        )
        async with self._database.reading() as connection:
            return [QueuedJobs(**row) for row in (await connection.execute(query)).mappings()]

    async def retry(self, job_id: int) -> bool:
        """Whether there was such a job that had been given up. It is as if it had just been enqueued."""
        statement = self._sql(
            """
            update {schema}.pgqueuer
            set status = 'queued', attempts = 0, created = now(), updated = now(), execute_after = now(),
                queue_manager_id = null
            where id = :id and status = 'failed'
            """
        )
        async with self._database.begin() as tx:
            return bool((await tx.execute(statement, {"id": job_id})).rowcount)

    def _sql(self, statement: str) -> TextClause:
        return text(statement.format(schema=self._schema))


def _listed(row: Any) -> ListedJob:
    return ListedJob(**row)
