"""A token that was revoked is refused by every file service at once, and a lost feed takes none of them down."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from file_client import FileClient
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom import TokenVerifier
from strongroom.testing import TestIssuer
from strongroom.web.parts import part

Serve = Callable[[ASGIApp], Awaitable[str]]


@pytest.fixture
def issuer() -> TestIssuer:
    """Of its own for each test: what is revoked in one must not be in another."""
    return TestIssuer()


async def refused(client: FileClient) -> httpx2.Response:
    """The refusal, which comes as it happens and not by the next poll, after ten seconds."""
    async with asyncio.timeout(8):
        while (answer := await client.get("/files")).status_code == 200:
            pass
    return answer


async def test_two_services_refuse_an_ended_session_as_it_ends(
    settings: FileSettings, issuer: TestIssuer, serve: Serve, http: httpx2.AsyncClient
) -> None:
    origins = [await serve(create_app(settings)), await serve(create_app(settings))]
    ended = [FileClient(http, origin, issuer.token(sid="s1")) for origin in origins]
    going_on = [FileClient(http, origin, issuer.token(sid="s2")) for origin in origins]
    for client in ended + going_on:
        assert (await client.get("/files")).status_code == 200
    issuer.revoke(session="s1")
    for answer in await asyncio.gather(*(refused(client) for client in ended)):
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:problem-type:strongroom:revoked-token"
        assert 'error_description="The access token was revoked"' in answer.headers["www-authenticate"]
    for client in going_on:
        assert (await client.get("/files")).status_code == 200


@asynccontextmanager
async def running(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    """A server that can be stopped and started again in the same place; gives its port."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", port)) as listening:
        await server.startup(sockets=[listening])
        try:
            yield listening.getsockname()[1]
        finally:
            for connection in list(server.server_state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
            await server.shutdown(sockets=[listening])


async def test_an_auth_service_that_restarts_costs_no_revocation(
    settings: FileSettings, issuer: TestIssuer, serve: Serve, http: httpx2.AsyncClient
) -> None:
    async with running(issuer) as port:
        app = create_app(settings.model_copy(update={"auth_url": f"http://127.0.0.1:{port}"}))
        origin = await serve(app)
        before, during, after = (FileClient(http, origin, issuer.token(sid=sid)) for sid in ("b", "d", "a"))
        for client in (before, during, after):
            assert (await client.get("/files")).status_code == 200
        issuer.revoke(session="b")
        await refused(before)
    issuer.revoke(session="d")
    feed = part(app, TokenVerifier).feed
    feed._answered_at -= 35
    report = await http.get(f"{origin}/readyz")
    assert report.status_code == 200
    assert report.json()["checks"]["revocations"] == "stale 35 s"
    assert (await before.get("/files")).status_code == 401  # what was known stays in force
    assert (await after.get("/files")).status_code == 200  # and the rest goes on
    async with running(issuer, port):
        await refused(during)
        issuer.revoke(session="a")
        await refused(after)
        assert (await http.get(f"{origin}/readyz")).json()["checks"]["revocations"] == "ok"


async def test_a_feed_that_was_never_there_takes_nobody_down(
    settings: FileSettings, issuer: TestIssuer, serve: Serve, http: httpx2.AsyncClient
) -> None:
    async def without_feed(scope: Scope, receive: Receive, send: Send) -> None:
        answer = PlainTextResponse("no such address", 404) if scope.get("path") == "/auth/revocations" else issuer
        await answer(scope, receive, send)

    app: FastAPI = create_app(settings.model_copy(update={"auth_url": await serve(without_feed)}))
    origin = await serve(app)
    assert (await FileClient(http, origin, issuer.token()).get("/files")).status_code == 200
    report = await http.get(f"{origin}/readyz")
    assert report.status_code == 200
    assert report.json()["status"] == "ok"
    assert report.json()["checks"]["revocations"] == "never reached"


async def test_a_service_started_after_the_revocation_knows_it(
    settings: FileSettings, issuer: TestIssuer, serve: Serve, http: httpx2.AsyncClient
) -> None:
    issuer.revoke(token="t1")
    client = FileClient(http, await serve(create_app(settings)), issuer.token(jti="t1"))
    assert (await client.get("/files")).status_code == 401
