"""Fixtures of all tests: real servers, started once a run, and a database of its own for each test."""

import asyncio
import gc
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from strongroom.database import Database
from strongroom.database.migrations import migrate
from strongroom.web.http11 import StrictHttp11
from strongroom.web.public_address import BehindProxies
from strongroom.web.websocket_protocol import StrictWebSocket
from strongroom_embedded.postgres import EmbeddedPostgres

pytest_plugins = ["strongroom_embedded.testing"]

# How long an example takes says more of what else the machine does than of the code. Where a change is judged, examples
# are the same each time, so that it is not judged by those that nobody had tried before; everywhere else they are new.
settings.register_profile(
    "any machine",
    deadline=None,
    derandomize="CI" in os.environ,
    max_examples=int(os.environ.get("STRONGROOM_FUZZ_EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

# Without configuration, structlog has rich show every local variable of a traceback: seconds for each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

MakeDatabase = Callable[..., str]
Furnish = Callable[[str], None]
Serve = Callable[..., Awaitable[str]]


# A file is the work of one process. These take long for the tests that they have, and begun at the end they would be
# what all others wait for.
_LONG = {"test_file_archive.py", "test_file_downloads.py", "test_backup_database.py", "test_e2e_readme.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files are shared out (`--no-loadscope-reorder`), those that take longest are begun first."""
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        items.sort(key=lambda item: (item.path.name not in _LONG, -tests[item.path], item.path))


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: thousands of tests and their modules need not be searched for garbage."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop that the services run on: its transports notice and tell things in another order than asyncio's."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(autouse=True)
def patient_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where hundreds come at once, a slow machine may take longer than they wait for a connection elsewhere."""
    defaults = Database.__init__.__kwdefaults__ or {}
    monkeypatch.setattr(Database.__init__, "__kwdefaults__", {**defaults, "patience": 60})


@pytest.fixture(scope="session")
def templates() -> dict[tuple[Path, Furnish | None], str]:
    """The names of the databases that are cloned, by the folder of their migrations and what furnished them."""
    return {}


@pytest.fixture(scope="session")
def administer(postgres_server: EmbeddedPostgres) -> Iterator[Callable[[str], None]]:
    """Executes a statement about databases, over one connection: to connect takes as long as a database's removal."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(postgres_server.dsn()))
        yield lambda statement: runner.run(connection.execute(statement))
        runner.run(connection.close())


@pytest.fixture
def make_database(
    postgres_server: EmbeddedPostgres,
    administer: Callable[[str], None],
    templates: dict[tuple[Path, Furnish | None], str],
) -> Iterator[MakeDatabase]:
    """Gives the URL of a fresh database with everything that the migrations in a folder make.

    And with what `furnish` puts there, once for all: it is given the URL of what is cloned.
    """
    made: list[str] = []

    def create(template: str = "template1") -> str:
        name = f"test_{uuid4().hex}"
        administer(f'create database "{name}" template "{template}" strategy file_copy')
        return name

    def make(scripts: Path, furnish: Furnish | None = None) -> str:
        if (scripts, furnish) not in templates:
            template = create()
            migrate(scripts, postgres_server.dsn(template))
            if furnish is not None:
                furnish(postgres_server.dsn(template))
            templates[scripts, furnish] = template
        made.append(create(templates[scripts, furnish]))
        return postgres_server.dsn(made[-1])

    yield make
    for name in made:
        administer(f'drop database "{name}" with (force)')


@asynccontextmanager
async def _running(app: ASGIApp, http: Any) -> AsyncIterator[str]:
    """A server's life without its main loop and the tenth of a second that it shuts down in. Set as `serve` sets it."""
    config = uvicorn.Config(
        BehindProxies(app, "127.0.0.1"),
        http=http,
        ws=StrictWebSocket,
        ws_max_size=1024 * 1024,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    # With the protocol named, or asyncio would leave Nagle's algorithm on, which makes small answers wait for 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        await server.startup(sockets=[listening])
        assert server.started, "the application did not start"
        try:
            yield "http://{}:{}".format(*listening.getsockname())
        finally:
            for connection in list(server.server_state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
            for listener in server.servers:
                listener.close()
            await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
            await server.lifespan.shutdown()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Runs an application on a real uvicorn in the test's own loop; answers its origin."""
    async with AsyncExitStack() as stack:

        async def start(app: ASGIApp, http: Any = StrictHttp11) -> str:
            return await stack.enter_async_context(_running(app, http))

        yield start


@pytest.fixture(scope="session")
def prepared() -> Callable[[FastAPI], FastAPI]:
    """Gives an application the routes of the first one of its kind, which are the same: what FastAPI makes of them at
    the first requests would take a fifth of all the tests' time.
    """
    routes: dict[str, list[BaseRoute]] = {}

    def prepare(app: FastAPI) -> FastAPI:
        app.router.routes = routes.setdefault(app.title, app.router.routes)
        return app

    return prepare


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    # Nothing here speaks TLS, and to read the list of authorities would take each test a fortieth of a second.
    async with httpx2.AsyncClient(timeout=20, trust_env=False, verify=False) as client:
        yield client
