"""A queued job is done exactly if its transaction commits, and at least once, whatever dies meanwhile."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
import structlog

from strongroom.database import Database
from strongroom.database.job_worker import GiveUp, Handler, Job, NotYet, Worker
from strongroom.database.jobs import JobQueue

MIGRATIONS = Path(__file__).parents[2] / "auth-service" / "migrations"
SOON = timedelta(milliseconds=20)


@dataclass
class Doing:
    """A handler that fails as often as it is told to, and remembers what it was given."""

    failures: list[Exception] = field(default_factory=list)
    done: asyncio.Queue[Job] = field(default_factory=asyncio.Queue)
    tried: list[Job] = field(default_factory=list)

    async def __call__(self, job: Job) -> None:
        self.tried.append(job)
        if self.failures:
            raise self.failures.pop(0)
        await self.done.put(job)

    async def next(self) -> Job:
        async with asyncio.timeout(20):
            return await self.done.get()


@pytest.fixture
def url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.aclose()


@pytest.fixture
async def sql(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


@pytest.fixture
def jobs(database: Database) -> JobQueue:
    return JobQueue(database, "auth")


@asynccontextmanager
async def working(url: str, *handlers: Handler, grace: float = 10, heartbeat: float = 30) -> AsyncIterator[Worker]:
    named = {f"job-{number}": handler for number, handler in enumerate(handlers)}
    beat = timedelta(seconds=heartbeat)
    async with Worker(url, "auth", named, poll=SOON, heartbeat=beat, grace=grace) as worker:
        yield worker


def handler(doing: Doing, keep_trying: timedelta | None = timedelta(days=3), time_limit: float = 60) -> Handler:
    return Handler(doing, keep_trying, timedelta(seconds=time_limit), first_pause=SOON, longest_pause=SOON)


async def enqueue(database: Database, jobs: JobQueue, name: str = "job-0", **payload: object) -> None:
    async with database.begin() as tx:
        await jobs.enqueue(tx, name, payload)


async def until(sql: asyncpg.Connection, query: str, expected: object) -> None:
    async with asyncio.timeout(20):
        while await sql.fetchval(query) != expected:
            pass


LEFT = "select count(*) from auth.pgqueuer"
STATUS = "select status::text from auth.pgqueuer"


async def test_a_job_is_done_with_what_it_was_given_and_then_forgotten(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    doing = Doing()
    async with working(url, handler(doing)):
        with structlog.contextvars.bound_contextvars(request_id="r-1"):
            await enqueue(database, jobs, text="ü\n", number=7)
        job = await doing.next()
        await until(sql, LEFT, 0)
    assert (job.name, job.payload, job.attempt) == ("job-0", {"text": "ü\n", "number": 7}, 0)


async def test_a_roll_back_takes_the_job_along(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    async def rolled_back() -> None:
        async with database.begin() as tx:
            await jobs.enqueue(tx, "job-0", {"which": "never"})
            raise LookupError

    with pytest.raises(LookupError):
        await rolled_back()
    assert await sql.fetchval(LEFT) == 0
    doing = Doing()
    async with working(url, handler(doing)):
        await enqueue(database, jobs, which="committed")
        assert (await doing.next()).payload == {"which": "committed"}


async def test_nothing_is_done_before_the_commit(url: str, database: Database, jobs: JobQueue) -> None:
    doing = Doing()
    async with working(url, handler(doing)):
        async with database.begin() as tx:
            await jobs.enqueue(tx, "job-0", {"which": "first"})
            await enqueue(database, jobs, which="second")
            assert (await doing.next()).payload == {"which": "second"}
            assert doing.done.empty()
        assert (await doing.next()).payload == {"which": "first"}


async def test_a_failure_is_tried_again_and_its_reason_kept(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    doing = Doing([NotYet("the server is away"), ValueError("somebody@example.com")])
    async with working(url, handler(doing)):
        await enqueue(database, jobs)
        assert (await doing.next()).attempt == 2
        await until(sql, LEFT, 0)
    reasons = "select string_agg(traceback ->> 'exception_message', ', ' order by id) from auth.pgqueuer_log"
    assert await sql.fetchval(reasons) == "the server is away, ValueError"
    assert "somebody@example.com" not in str(await sql.fetch("select * from auth.pgqueuer_log"))


async def test_pauses_double_up_to_the_longest(
    database: Database, jobs: JobQueue, url: str, sql: asyncpg.Connection
) -> None:
    doing = Doing([NotYet("away")])
    patient = Handler(doing, first_pause=timedelta(minutes=1), longest_pause=timedelta(minutes=4))
    for attempts, longest in ((0, 60), (1, 120), (2, 240), (9, 240)):
        doing.failures = [NotYet("away")]
        await enqueue(database, jobs)
        await sql.execute("update auth.pgqueuer set attempts = $1", attempts)
        async with working(url, patient):
            await until(sql, STATUS + f" where attempts = {attempts + 1}", "queued")
        pause = await sql.fetchval("select extract(epoch from execute_after - updated)::float from auth.pgqueuer")
        assert longest / 2 <= pause <= longest
        await sql.execute("delete from auth.pgqueuer")


@pytest.mark.parametrize("failure", [GiveUp("no such mailbox"), NotYet("no such mailbox")])
async def test_what_is_hopeless_or_too_old_is_kept_aside_with_the_reason(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection, failure: Exception
) -> None:
    doing = Doing([failure])
    await enqueue(database, jobs)
    await sql.execute("update auth.pgqueuer set created = now() - interval '3 days'")
    async with working(url, handler(doing)):
        await until(sql, STATUS, "failed")
    assert len(doing.tried) == 1
    reason = "select traceback ->> 'exception_message' from auth.pgqueuer_log where status = 'failed'"
    assert await sql.fetchval(reason) == "no such mailbox"


async def test_what_must_be_done_is_never_given_up(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    doing = Doing([NotYet("away")])
    await enqueue(database, jobs)
    await sql.execute("update auth.pgqueuer set created = now() - interval '3 years'")
    async with working(url, handler(doing, keep_trying=None)):
        assert (await doing.next()).attempt == 1


async def test_what_nobody_here_can_do_waits(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    doing = Doing()
    async with working(url, handler(doing)):
        await enqueue(database, jobs, "job-1")
        await enqueue(database, jobs, "job-0")
        await doing.next()
        await until(sql, LEFT, 1)
    assert await sql.fetchrow("select entrypoint, status::text, attempts from auth.pgqueuer") == ("job-1", "queued", 0)


async def test_an_attempt_that_hangs_is_cut_off(url: str, database: Database, jobs: JobQueue) -> None:
    doing = Doing()

    async def hang_once(job: Job) -> None:
        if job.attempt == 0:
            await asyncio.Event().wait()
        await doing(job)

    quick = Handler(hang_once, time_limit=SOON, first_pause=SOON)
    async with working(url, quick):
        await enqueue(database, jobs)
        assert (await doing.next()).attempt == 1


async def test_each_job_is_done_once_by_two_workers(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    one, other = Doing(), Doing()
    async with working(url, handler(one)), working(url, handler(other)):
        async with database.begin() as tx:
            for number in range(60):
                await jobs.enqueue(tx, "job-0", {"number": number})
        await until(sql, LEFT, 0)
    assert sorted(job.payload["number"] for job in one.tried + other.tried) == list(range(60))


async def test_a_lost_connection_is_made_anew(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    doing = Doing()
    async with working(url, handler(doing)):
        for number in range(3):
            await enqueue(database, jobs, number=number)
            assert (await doing.next()).payload == {"number": number}
            await until(sql, LEFT, 0)
            await sql.fetch(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid() and query ilike '%pgqueuer%'"
            )
            await database.aclose()  # its pool may have lost connections too


async def test_a_stopped_worker_puts_back_what_it_could_not_finish(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    begun = asyncio.Event()

    async def hang(_: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with working(url, Handler(hang), grace=0.05):
        await enqueue(database, jobs)
        async with asyncio.timeout(20):
            await begun.wait()
    assert await sql.fetchval(STATUS) == "queued"
    doing = Doing()
    async with working(url, handler(doing)):
        await doing.next()


async def test_a_worker_that_is_stopped_finishes_what_it_is_at(
    url: str, database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Job) -> None:
        begun.set()
        await go_on.wait()

    async def stop_soon() -> None:
        async with working(url, Handler(wait)):
            await enqueue(database, jobs)
            await begun.wait()

    stopping = asyncio.create_task(stop_soon())
    async with asyncio.timeout(20):
        await begun.wait()
        go_on.set()
        await stopping
    assert await sql.fetchval(LEFT) == 0


VICTIM = """
import asyncio, sys
from strongroom.database.job_worker import Handler, Worker

async def begin(job):
    print("begun", flush=True)
    await asyncio.Event().wait()

async def main():
    async with Worker(sys.argv[1], "auth", {"job-0": Handler(begin)}):
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_job_of_a_killed_worker_is_done_by_another(url: str, database: Database, jobs: JobQueue) -> None:
    await enqueue(database, jobs, number=1)
    pipe = asyncio.subprocess.PIPE
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", VICTIM, url, stdout=pipe)
    assert victim.stdout is not None
    assert await victim.stdout.readline() == b"begun\n"
    victim.kill()
    await victim.wait()
    doing = Doing()
    async with working(url, handler(doing), heartbeat=0.2):
        assert (await doing.next()).payload == {"number": 1}


async def test_payloads_are_rewritten_of_that_name_only(
    database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    for name in ("job-0", "job-0", "job-1"):
        await enqueue(database, jobs, name, key="old")
    await sql.execute("update auth.pgqueuer set status = 'failed' where id = (select min(id) from auth.pgqueuer)")
    assert await jobs.rewrite("job-0", lambda payload: {**payload, "key": "new"}) == 2
    payloads = await sql.fetch("select convert_from(payload, 'utf8') from auth.pgqueuer order by id")
    assert [row[0] for row in payloads] == ['{"key":"new"}', '{"key":"new"}', '{"key":"old"}']


async def test_what_was_done_or_given_up_long_ago_is_forgotten(
    database: Database, jobs: JobQueue, sql: asyncpg.Connection
) -> None:
    for _ in range(3):
        await enqueue(database, jobs)
    await sql.execute("update auth.pgqueuer set status = 'failed' where id < (select max(id) from auth.pgqueuer)")
    await sql.execute("update auth.pgqueuer set updated = now() - interval '31 days' where id <> 2")
    await sql.execute("update auth.pgqueuer_log set created = now() - interval '8 days' where job_id <> 2")
    await jobs.prune()
    assert [row[0] for row in await sql.fetch("select id from auth.pgqueuer order by id")] == [2, 3]
    assert [row[0] for row in await sql.fetch("select job_id from auth.pgqueuer_log")] == [2]


async def test_the_environment_cannot_rename_the_tables(
    monkeypatch: pytest.MonkeyPatch, database: Database, sql: asyncpg.Connection
) -> None:
    for name in ("PGQUEUER_PREFIX", "PGQUEUER_SCHEMA", "PGQUEUER_QUEUE_TABLE", "QUEUE_TABLE", "CHANNEL", "TRIGGER"):
        monkeypatch.setenv(name, "elsewhere")
    await enqueue(database, JobQueue(database, "auth"))
    assert await sql.fetchval(LEFT) == 1


async def test_a_worker_that_is_stopped_at_any_moment_cuts_nothing_off(url: str, sql: asyncpg.Connection) -> None:
    # Cut off half way, a connection or a statement would fail where nobody looks, and anyio fails the test for that.
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    for steps in range(60):
        async with working(url, handler(Doing())):
            for _ in range(steps):
                await asyncio.sleep(0)
        await until(sql, others, 0)
