"""A deleted account's files are purged in the end, whatever the file service says first."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx2
import pytest
from auth_client import ADMIN, AuthClient
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.file_purge import FilePurge
from auth_service.own_tokens import AUTH_SERVICE
from auth_service.settings import AuthSettings
from strongroom import ServiceClient, TokenVerifier
from strongroom.database import Database
from strongroom.database.job_worker import Job, NotYet
from strongroom.web.parts import part

Serve = Callable[[ASGIApp], Awaitable[str]]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass
class FileService:
    """Answers a purge as it is told to, as soon as it is `open`, and remembers what it was asked with."""

    answers: list[int] = field(default_factory=list)
    asked: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)
    headers: list[Headers] = field(default_factory=list)
    refusal: dict[str, str] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def purge(self, request: Request) -> Response:
        self.headers.append(request.headers)
        await self.asked.put((request.url.path, request.headers["authorization"].removeprefix("Bearer ")))
        await self.open.wait()
        if self.answers:
            return Response(status_code=self.answers.pop(0), headers=self.refusal)
        return Response(status_code=204)

    def app(self) -> Starlette:
        self.open.set()
        return Starlette(routes=[Route("/files/internal/owners/{subject}", self.purge, methods=["DELETE"])])

    async def next(self) -> tuple[str, str]:
        async with asyncio.timeout(20):
            return await self.asked.get()


class OneToken:
    async def token(self) -> str:
        return "one"

    def discard(self, token: str) -> None:
        pass


@pytest.fixture
def files() -> FileService:
    return FileService()


@pytest.fixture
async def with_files(settings: AuthSettings, serve: Serve, files: FileService) -> AuthSettings:
    url = await serve(files.app())
    return AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), "files_url": url})


async def until(sql: asyncpg.Connection, query: str, expected: object) -> None:
    async with asyncio.timeout(20):
        while await sql.fetchval(query) != expected:
            pass


PURGES = "select count(*) from auth.pgqueuer where entrypoint = 'purge-files'"
PURGED = "select account_id from auth.audit_events where event = 'account.files_purged'"


async def test_a_deleted_account_has_its_files_purged_by_a_token_for_that_alone(
    with_files: AuthSettings, serve: Serve, http: httpx2.AsyncClient, files: FileService, sql: asyncpg.Connection
) -> None:
    app = create_app(with_files)
    auth = AuthClient(http, await serve(app))
    account_id = (await auth.register()).json()["id"]
    assert await sql.fetchval(PURGES) == 0
    token = await auth.access_token()
    trace = {"Authorization": f"Bearer {token}", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    deleted = await http.delete(f"{auth.origin}/auth/profile", headers=trace)
    path, token = await files.next()
    assert path == f"/files/internal/owners/{account_id}"
    who = await part(app, TokenVerifier).verify(token)
    assert (who.subject, who.scopes, who.session_id) == (str(AUTH_SERVICE), frozenset({"files:purge"}), None)
    await until(sql, PURGED, UUID(account_id))
    await until(sql, PURGES, 0)
    # Found in the trail by the request that it all began with.
    request_id = "select request_id from auth.audit_events where event = 'account.files_purged'"
    assert await sql.fetchval(request_id) == deleted.headers["x-request-id"]
    assert files.headers[0]["x-request-id"] == deleted.headers["x-request-id"]
    assert files.headers[0]["traceparent"].split("-")[1] == TRACE


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405, 429, 500, 503])
async def test_any_answer_but_a_success_is_not_yet(
    with_files: AuthSettings, files: FileService, sql: asyncpg.Connection, status: int
) -> None:
    files.answers = [status]
    job = Job(1, "purge-files", {"subject": "018f0000-0000-7000-8000-000000000002"}, 0, datetime.now(UTC))
    app = create_app(with_files)
    async with app.router.lifespan_context(app):
        purge = part(app, FilePurge)
        with pytest.raises(NotYet, match=f"HTTP {status}"):
            await purge.purge(job)
        assert await sql.fetchval(PURGED) is None
        await purge.purge(job)
    assert await sql.fetchval(PURGED) == UUID("018f0000-0000-7000-8000-000000000002")


async def test_a_token_that_is_refused_is_replaced_at_once(with_files: AuthSettings, files: FileService) -> None:
    files.answers, files.refusal = [401], {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    job = Job(1, "purge-files", {"subject": "018f0000-0000-7000-8000-000000000002"}, 0, datetime.now(UTC))
    app = create_app(with_files)
    async with app.router.lifespan_context(app):
        await part(app, FilePurge).purge(job)
    assert (await files.next())[1] != (await files.next())[1]


async def test_a_file_service_that_does_not_answer_holds_nobody_up(
    with_files: AuthSettings, files: FileService, database: Database
) -> None:
    files.open.clear()
    job = Job(1, "purge-files", {"subject": "018f0000-0000-7000-8000-000000000002"}, 0, datetime.now(UTC))
    assert with_files.files_url is not None
    async with ServiceClient(with_files.files_url, OneToken(), attempts=1, deadline=0.1) as client:
        with pytest.raises(NotYet, match="service-unreachable"):
            await FilePurge(database, client).purge(job)
    files.open.set()


async def test_a_file_service_that_is_away_is_waited_for_without_end(
    settings: AuthSettings, serve: Serve, http: httpx2.AsyncClient, sql: asyncpg.Connection
) -> None:
    nobody = {"files_url": "http://127.0.0.1:1"}
    away = AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), **nobody})
    auth = AuthClient(http, await serve(create_app(away)))
    await auth.register()
    await auth.delete("/auth/profile", await auth.access_token())
    await until(sql, PURGES + " and attempts = 1 and status = 'queued'", 1)
    pause = "select execute_after - updated from auth.pgqueuer where entrypoint = 'purge-files'"
    assert timedelta(seconds=1) <= await sql.fetchval(pause) <= timedelta(seconds=2.1)
    old = "update auth.pgqueuer set created = now() - interval '30 days', execute_after = now(), attempts = 500"
    await sql.execute(old)
    await until(sql, PURGES + " and attempts = 501 and status = 'queued'", 1)
    assert timedelta(minutes=5) < await sql.fetchval(pause) <= timedelta(minutes=16)


async def test_without_a_file_service_the_purge_waits_untouched(
    auth: AuthClient, settings: AuthSettings, serve: Serve, files: FileService, sql: asyncpg.Connection
) -> None:
    account_id = (await auth.register()).json()["id"]
    await auth.delete("/auth/profile", await auth.access_token())
    await until(sql, "select count(*) from auth.pgqueuer", 1)  # the mail of the registration is gone
    assert await sql.fetchval(PURGES + " and attempts = 0 and status = 'queued'") == 1
    url = await serve(files.app())
    await serve(create_app(AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), "files_url": url})))
    assert (await files.next())[0].endswith(account_id)


async def test_an_account_that_stays_keeps_its_files(auth: AuthClient, sql: asyncpg.Connection) -> None:
    assert (await auth.delete("/auth/profile", await auth.access_token(**ADMIN))).status_code == 409
    assert await sql.fetchval(PURGES) == 0
