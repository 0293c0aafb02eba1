"""Verifiers elsewhere may follow the revocations through the gateway; that holds nothing up."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.types import Receive, Scope, Send

from gateway.app import Gateway, build
from gateway.settings import GatewaySettings
from strongroom import TokenVerifier
from strongroom.errors import RevokedToken
from strongroom.testing import TestIssuer

Serve = Callable[..., Awaitable[str]]


class Auth:
    """The issuer, and what became of the polls at it."""

    def __init__(self) -> None:
        self.issuer = TestIssuer("https://strongroom.example")
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        waits = b"wait=10" in scope.get("query_string", b"")
        if waits:
            self.asked.set()
        await self.issuer(scope, receive, send)
        if waits:
            self.left.set()


@pytest.fixture
def auth() -> Auth:
    return Auth()


@pytest.fixture
async def gateway(auth: Auth, serve: Serve) -> Gateway:
    origin = await serve(auth)
    settings = {"public_url": auth.issuer.url, "auth_url": origin, "files_url": origin}
    return build(GatewaySettings.model_validate(settings))


async def test_a_verifier_follows_through_the_gateway(auth: Auth, gateway: Gateway, serve: Serve) -> None:
    origin = await serve(gateway.app, gateway.door.connection)
    verifier = TokenVerifier(
        auth.issuer.url,
        jwks_url=f"{origin}/.well-known/jwks.json",
        revocations_url=f"{origin}/auth/revocations",
    )
    token = auth.issuer.token(sid="s1")
    async with verifier:
        await verifier.verify(token)
        await auth.asked.wait()
        auth.issuer.revoke(session="s1")
        async with asyncio.timeout(8):
            while not await refuses(verifier, token):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def refuses(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except RevokedToken:
        return True
    return False


async def test_a_poll_is_given_up_when_the_gateway_is_to_stop(
    auth: Auth, gateway: Gateway, serve: Serve, http: httpx2.AsyncClient
) -> None:
    poll = asyncio.create_task(
        http.get(f"{await serve(gateway.app, gateway.door.connection)}/auth/revocations?after=0&wait=10")
    )
    await auth.asked.wait()
    for connection in tuple(gateway.door.connections):
        connection.shutdown()
    async with asyncio.timeout(8):
        answer = await poll
        await auth.left.wait()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_client_that_leaves_ends_its_poll_at_the_service(
    auth: Auth, gateway: Gateway, serve: Serve, http: httpx2.AsyncClient
) -> None:
    poll = asyncio.create_task(
        http.get(f"{await serve(gateway.app, gateway.door.connection)}/auth/revocations?after=0&wait=10")
    )
    await auth.asked.wait()
    poll.cancel()
    async with asyncio.timeout(8):
        await auth.left.wait()
