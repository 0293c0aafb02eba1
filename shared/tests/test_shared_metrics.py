"""What Prometheus is told of requests, connections, jobs and tokens."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request, WebSocket
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp

from strongroom import TokenVerifier
from strongroom.database import Database, DatabaseUnavailable
from strongroom.database.job_list import JobList
from strongroom.database.jobs import JobQueue
from strongroom.database.metrics import JobMetrics, PoolMetrics
from strongroom.database.recent import Recent
from strongroom.errors import ExpiredToken, InvalidToken
from strongroom.testing import TestIssuer
from strongroom.web import metrics as page
from strongroom.web.app import build_app
from strongroom.web.metrics import Metrics
from strongroom.web.parts import part, provide
from strongroom.web.token_metrics import TokenMetrics

MIGRATIONS = Path(__file__).parents[2] / "auth-service" / "migrations"
Serve = Callable[[ASGIApp], Awaitable[str]]

router = APIRouter()


@router.put("/things/{thing}")
async def keep(thing: str, request: Request) -> str:
    await request.body()
    return thing


@router.get("/slow")
async def slow(request: Request) -> StreamingResponse:
    """The head at once, the body when the client has seen that."""

    async def body() -> AsyncIterator[bytes]:
        await part(request.app, asyncio.Event).wait()
        yield b"x" * 1000

    return StreamingResponse(body())


@router.get("/fault")
async def fault() -> None:
    raise RuntimeError("secret")


@router.websocket("/talk")
async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def told(*collectors: Collector) -> list[str]:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry).decode().splitlines()


def count(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"strongroom_http_{name}", labels)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def seen() -> asyncio.Event:
    """The client has seen the head."""
    return asyncio.Event()


@pytest.fixture
async def origin(serve: Serve, metrics: Metrics, seen: asyncio.Event) -> str:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        provide(app, metrics, seen)
        yield

    routers = [router, page.router]
    return await serve(build_app("Test", lifespan=lifespan, routers=routers, body_limit=1000, watching=metrics.traffic))


async def test_requests_are_counted_by_the_template_of_their_route(
    origin: str, http: httpx2.AsyncClient, metrics: Metrics
) -> None:
    for thing in ("a", "b", "c"):
        await http.put(f"{origin}/things/{thing}", content=b"12345")
    await http.put(f"{origin}/things/d", content=b"x" * 1001)
    await http.get(f"{origin}/things/a")
    of_things = {"route": "/things/{thing}", "method": "PUT"}
    assert count(metrics, "requests_total", **of_things, status="2xx") == 3
    assert count(metrics, "request_duration_seconds_count", **of_things) == 3
    assert count(metrics, "received_bytes_total", **of_things) == 15
    assert count(metrics, "sent_bytes_total", **of_things) == 9
    assert count(metrics, "requests_total", route="/things/{thing}", method="GET", status="4xx") == 1
    page = (await http.get(f"{origin}/metrics")).text
    assert 'strongroom_http_requests_total{method="PUT",route="/things/{thing}",status="2xx"} 3.0' in page


async def test_paths_that_lead_nowhere_are_one_however_many_they_are(
    origin: str, http: httpx2.AsyncClient, metrics: Metrics
) -> None:
    for number, method in enumerate(("PROPFIND", "MKCOL", "LOCK", "PURGE", "TRACE")):
        await http.request(method, f"{origin}/{number}/metrics")
    assert count(metrics, "requests_total", route="none", method="OTHER", status="4xx") == 5
    samples = [
        one for family in metrics.traffic.collect() for one in family.samples if one.name.endswith("_requests_total")
    ]
    assert len(samples) == 1


async def test_a_fault_is_counted_as_one(origin: str, http: httpx2.AsyncClient, metrics: Metrics) -> None:
    assert (await http.get(f"{origin}/fault")).status_code == 500
    assert count(metrics, "requests_total", route="/fault", method="GET", status="5xx") == 1


async def test_how_long_a_client_takes_to_receive_does_not_count(
    origin: str, http: httpx2.AsyncClient, metrics: Metrics, seen: asyncio.Event
) -> None:
    began = time.perf_counter()
    async with http.stream("GET", f"{origin}/slow") as answer:
        head_after = time.perf_counter() - began
        seen.set()
        await answer.aread()
    of_slow = {"route": "/slow", "method": "GET"}
    async with asyncio.timeout(20):
        while (seconds := count(metrics, "request_duration_seconds_sum", **of_slow)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert seconds <= head_after
    assert count(metrics, "sent_bytes_total", **of_slow) == 1000


@pytest.fixture
def url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


async def test_the_pool_tells_who_has_a_connection_who_waits_and_who_got_none(url: str) -> None:
    database = Database(url, pool_size=1, patience=0.2)
    async with database.begin():
        waiting = asyncio.create_task(database.ping())
        await asyncio.sleep(0)
        lines = told(PoolMetrics(database))
        assert {"strongroom_database_pool_size 1.0", "strongroom_database_pool_in_use 1.0"} <= set(lines)
        assert "strongroom_database_pool_waiting 1.0" in lines
        with pytest.raises(DatabaseUnavailable):
            await waiting
    assert "strongroom_database_pool_timeouts_total 1.0" in told(PoolMetrics(database))
    assert "strongroom_database_pool_in_use 0.0" in told(PoolMetrics(database))
    await database.aclose()


async def test_the_queue_tells_how_much_waits_and_for_how_long(url: str) -> None:
    database = Database(url)
    async with database.begin() as tx:
        jobs = JobQueue(database, "auth")
        await jobs.enqueue_all(tx, "mail", [{}, {}, {}])
        await jobs.enqueue(tx, "later", {})
        age = "update auth.pgqueuer set execute_after = now() - interval '90 s' where id = 1"
        await tx.exec_driver_sql(age)
        await tx.exec_driver_sql("update auth.pgqueuer set execute_after = now() + interval '1 h' where id = 4")
        await tx.exec_driver_sql("update auth.pgqueuer set status = 'failed' where id = 3")
    metrics = JobMetrics(JobList(database, "auth"), named=["mail", "never"])
    assert not [line for line in told(metrics) if line.startswith("strongroom")]
    await metrics.look()
    lines = told(metrics)
    assert 'strongroom_jobs{name="mail",state="queued"} 2.0' in lines
    assert 'strongroom_jobs{name="mail",state="failed"} 1.0' in lines
    assert 'strongroom_job_oldest_due_seconds{name="later"} 0.0' in lines
    assert 'strongroom_job_oldest_due_seconds{name="never"} 0.0' in lines
    [oldest] = [line for line in lines if line.startswith('strongroom_job_oldest_due_seconds{name="mail"}')]
    assert 90 <= float(oldest.split()[1]) < 120
    await database.aclose()


async def test_however_many_ask_the_query_runs_now_and_then() -> None:
    now, asked = [0.0], 0

    async def query() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return asked

    recent = Recent(query, every=10, clock=lambda: now[0])
    await asyncio.gather(*(recent.look() for _ in range(5)))
    now[0] = 9.9
    await recent.look()
    assert (asked, recent.value) == (1, 1)
    now[0] = 10.0
    await recent.look()
    assert (asked, recent.value) == (2, 2)


async def test_what_cannot_be_asked_for_is_not_told() -> None:
    answers = iter([1])

    async def query() -> int:
        return next(answers, None) or int("none")

    recent = Recent(query, every=0)
    await recent.look()
    assert recent.value == 1
    await recent.look()
    assert recent.value is None


async def test_tokens_are_counted_by_how_they_were_judged(serve: Serve) -> None:
    issuer = TestIssuer()
    origin = await serve(issuer)
    verifier = TokenVerifier(
        issuer.url, jwks_url=f"{origin}/.well-known/jwks.json", revocations_url=f"{origin}/auth/revocations"
    )
    assert not [line for line in told(TokenMetrics(verifier)) if line.startswith("strongroom_revocation_feed")]
    async with verifier:
        for _ in range(3):
            await verifier.verify(token := issuer.token())
            await verifier.verify(token)
        for bad, refusal in (("rubbish", InvalidToken), (issuer.token(exp=1), ExpiredToken)):
            with pytest.raises(refusal):
                await verifier.verify(bad)
        lines = told(TokenMetrics(verifier))
    assert 'strongroom_tokens_verified_total{how="warm"} 3.0' in lines
    assert 'strongroom_tokens_verified_total{how="cold"} 3.0' in lines
    assert 'strongroom_tokens_refused_total{reason="invalid-token"} 1.0' in lines
    assert 'strongroom_tokens_refused_total{reason="expired-token"} 1.0' in lines
    for name in ("strongroom_jwks_age_seconds", "strongroom_revocation_feed_age_seconds"):
        [age] = [line for line in lines if line.startswith(f"{name} ")]
        assert 0 <= float(age.split()[1]) < 20
