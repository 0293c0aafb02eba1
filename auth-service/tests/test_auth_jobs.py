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
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.file_purge import AUTH_SERVICE, FilePurge
from auth_service.settings import AuthSettings
from strongroom import TokenVerifier
from strongroom.database.job_worker import Job, NotYet
from strongroom.web.parts import part

Serve = Callable[[ASGIApp], Awaitable[str]]


@dataclass
class FileService:
    """Answers a purge as it is told to, and remembers the tokens it was asked with."""

    answers: list[int] = field(default_factory=list)
    asked: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue)

    async def purge(self, request: Request) -> Response:
        await self.asked.put((request.url.path, request.headers["authorization"].removeprefix("Bearer ")))
        return Response(status_code=self.answers.pop(0) if self.answers else 204)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/files/internal/owners/{subject}", self.purge, methods=["DELETE"])])

    async def next(self) -> tuple[str, str]:
        async with asyncio.timeout(15):
            return await self.asked.get()


@pytest.fixture
def files() -> FileService:
    return FileService()


@pytest.fixture
async def with_files(settings: AuthSettings, serve: Serve, files: FileService) -> AuthSettings:
    url = await serve(files.app())
    return AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), "files_url": url})


async def until(sql: asyncpg.Connection, query: str, expected: object) -> None:
    async with asyncio.timeout(15):
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
    deleted = await auth.delete("/auth/profile", await auth.access_token())
    path, token = await files.next()
    assert path == f"/files/internal/owners/{account_id}"
    who = await part(app, TokenVerifier).verify(token)
    assert (who.subject, who.scopes, who.session_id) == (str(AUTH_SERVICE), frozenset({"files:purge"}), None)
    await until(sql, PURGED, UUID(account_id))
    await until(sql, PURGES, 0)
    # Found in the trail by the request that it all began with.
    request_id = "select request_id from auth.audit_events where event = 'account.files_purged'"
    assert await sql.fetchval(request_id) == deleted.headers["x-request-id"]


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


async def test_a_file_service_that_is_away_is_waited_for_without_end(
    settings: AuthSettings, serve: Serve, http: httpx2.AsyncClient, sql: asyncpg.Connection
) -> None:
    nobody = {"files_url": "http://127.0.0.1:1"}
    away = AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), **nobody})
    auth = AuthClient(http, await serve(create_app(away)))
    await auth.register()
    await auth.delete("/auth/profile", await auth.access_token())
    await until(sql, PURGES + " and attempts = 1 and status = 'queued'", 1)
    old = "update auth.pgqueuer set created = now() - interval '30 days', execute_after = now(), attempts = 500"
    await sql.execute(old)
    await until(sql, PURGES + " and attempts = 501 and status = 'queued'", 1)
    pause = await sql.fetchval("select execute_after - updated from auth.pgqueuer where entrypoint = 'purge-files'")
    assert timedelta(minutes=5) < pause <= timedelta(hours=1)


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
