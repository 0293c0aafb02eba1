"""What a request leads to, calls and jobs, is tied to it and to its place in a trace."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import structlog
from called_service import Called
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp
from structlog.testing import capture_logs
from test_shared_service_client import Tokens

from strongroom import ServiceClient
from strongroom.call_context import CallContext, current, within
from strongroom.database import Database
from strongroom.database.job_worker import Handler, Job, Worker
from strongroom.database.jobs import JobQueue
from strongroom.trace_context import Trace, trace_of
from strongroom.web.app import build_app
from strongroom.web.parts import part, provide

MIGRATIONS = Path(__file__).parents[2] / "auth-service" / "migrations"
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01"

Serve = Callable[[ASGIApp], Awaitable[str]]


@pytest.mark.parametrize(
    ("field", "flags"),
    [
        (VALID, 1),
        (f"00-{TRACE}-{PARENT}-00", 0),
        (f"00-{TRACE}-{PARENT}-ff", 0xFF),
        (f"cc-{TRACE}-{PARENT}-03", 3),
        (f"01-{TRACE}-{PARENT}-00-what-the-future-brings", 0),
    ],
)
def test_a_valid_parent_is_understood_also_of_later_versions(field: str, flags: int) -> None:
    assert trace_of([field], []) == Trace(TRACE, PARENT, flags)


@pytest.mark.parametrize(
    "field",
    [
        "",
        "00",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"0-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01-",
        f"01-{TRACE}-{PARENT}-01.more",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-0g",
        f"00-{TRACE}-{PARENT}-01\n",
        f"{VALID},{VALID}",
        "\u0660\u0660-" + VALID[3:],
    ],
)
def test_a_parent_that_is_not_valid_is_ignored(field: str) -> None:
    assert trace_of([field], ["a=1"]) is None
    assert trace_of([VALID, VALID], []) is None
    assert trace_of([], ["a=1"]) is None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        (["rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"], "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        (["a=1", "b=2"], "a=1,b=2"),
        (["a=1 , ,\tb=2,"], "a=1 , ,\tb=2,"),
        (["fw529a3039@dt=FfAB", "1a@b=c"], "fw529a3039@dt=FfAB,1a@b=c"),
        ([",".join(f"k{number}=v" for number in range(32))], ",".join(f"k{number}=v" for number in range(32))),
        ([",".join(f"k{number}=v" for number in range(33))], None),
        (["a=1,a=2"], None),
        (["A=1"], None),
        (["a=1=2"], None),
        (["a="], None),
        (["a"], None),
        (["a=\x7f"], None),
        (["a=1\r\nx: y"], None),
        (["a=é"], None),
        (["a=" + "x" * 257], None),
        ([",".join(f"k{number}={'v' * 200}" for number in range(3))], None),
        ([""], None),
    ],
)
def test_a_state_is_passed_on_as_it_came_or_not_at_all(fields: list[str], state: str | None) -> None:
    assert trace_of([VALID], fields) == Trace(TRACE, PARENT, 1, state)


def test_what_is_passed_on_is_of_the_version_that_is_known() -> None:
    trace = trace_of([f"cc-{TRACE}-{PARENT}-ff-more"], ["a=1"])
    assert trace is not None
    assert trace.headers() == {"traceparent": f"00-{TRACE}-{PARENT}-03", "tracestate": "a=1"}
    assert Trace.started() != Trace.started()
    assert trace_of([Trace.started().headers()["traceparent"]], []) is not None


@pytest.mark.parametrize("kept", [{}, {"request_id": 7, "traceparent": ["x"], "tracestate": {}}, {"traceparent": "x"}])
def test_what_cannot_be_read_again_is_left_out(kept: dict[str, object]) -> None:
    assert CallContext.resumed(kept) == CallContext()
    assert CallContext.resumed({**kept, "request_id": "r", "traceparent": VALID}).logged() == {
        "request_id": "r",
        "trace_id": TRACE,
    }


def test_a_context_ends_with_its_block() -> None:
    with within(CallContext("outer")):
        with within(CallContext("inner")):
            assert current().request_id == "inner"
        assert current().request_id == "outer"
    assert current() == CallContext()


router = APIRouter()


@router.post("/work")
async def work(request: Request) -> Response:
    """Calls, and has a job call."""
    await part(request.app, ServiceClient).request("POST", "/at-once")
    async with part(request.app, Database).begin() as tx:
        await part(request.app, JobQueue).enqueue(tx, "job-0", {})
    return Response()


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.fixture
def url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
async def origin(called: Called, serve: Serve, url: str) -> str:
    """A service that calls another one, both in a request and in the job that it enqueues."""
    other = await serve(called)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(url)
        async with ServiceClient(other, Tokens()) as client:

            async def later(job: Job) -> None:
                structlog.get_logger().info("later")
                await client.request("POST", "/later")

            provide(app, database, JobQueue(database, "auth"), client)
            async with Worker(url, "auth", {"job-0": Handler(later)}):
                yield
        await database.aclose()

    return await serve(build_app("Test", lifespan=lifespan, routers=[router], body_limit=1000))


async def two_calls(called: Called) -> list[Request]:
    async with asyncio.timeout(20):
        while called.count < 2:  # noqa: ASYNC110 - the worker tells nobody
            await asyncio.sleep(0)
    return called.requests


async def test_calls_and_jobs_are_tied_to_the_request_that_caused_them(
    origin: str, http: httpx2.AsyncClient, called: Called
) -> None:
    headers = {"X-Request-ID": "the-first-one", "traceparent": VALID, "tracestate": "a=1, b=2"}
    with capture_logs([structlog.contextvars.merge_contextvars]) as events:
        await http.post(f"{origin}/work", headers=headers)
        at_once, later = await two_calls(called)
    assert (at_once.url.path, later.url.path) == ("/at-once", "/later")
    parents = set()
    for request in (at_once, later):
        assert request.headers["x-request-id"] == "the-first-one"
        assert request.headers["tracestate"] == "a=1, b=2"
        version, trace, parent, flags = request.headers["traceparent"].split("-")
        assert (version, trace, flags) == ("00", TRACE, "01")
        parents.add(parent)
    assert len(parents - {PARENT}) == 2
    told = {
        one["event"]: (one["request_id"], one["trace_id"]) for one in events if one["event"] in {"request", "later"}
    }
    assert told == {"request": ("the-first-one", TRACE), "later": ("the-first-one", TRACE)}


async def test_without_a_trace_each_call_begins_one(origin: str, http: httpx2.AsyncClient, called: Called) -> None:
    with capture_logs([structlog.contextvars.merge_contextvars]) as events:
        answer = await http.post(f"{origin}/work", headers={"traceparent": "nonsense", "tracestate": "a=1"})
        calls = await two_calls(called)
    for request in calls:
        assert request.headers["x-request-id"] == answer.headers["x-request-id"]
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", request.headers["traceparent"])
        assert "tracestate" not in request.headers
    assert len({request.headers["traceparent"] for request in calls}) == 2
    assert not [one for one in events if "trace_id" in one]


async def test_a_call_that_is_made_again_is_another_step_of_the_same_trace(called: Called, serve: Serve) -> None:
    called.answers = [Response(status_code=503, headers={"Retry-After": "0"})]
    async with ServiceClient(await serve(called), Tokens()) as client:
        await client.request("GET", "/")
    first, second = (request.headers for request in called.requests)
    assert first["x-request-id"] == second["x-request-id"]
    assert first["traceparent"][:36] == second["traceparent"][:36]
    assert first["traceparent"] != second["traceparent"]
