"""By which address a client is told to come back: what a trusted proxy says it was asked at, or else the public one."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from strongroom.web.parts import provide
from strongroom.web.public_address import BehindProxies, OurAddress, PublicAddress

Serve = Callable[[ASGIApp], Awaitable[str]]
Ask = Callable[..., Awaitable[str]]

PUBLIC = "https://strongroom.example/vault"
HERE = {"X-Forwarded-Host": "door.test:8443", "X-Forwarded-Proto": "https"}


def telling(configured: str) -> FastAPI:
    app = FastAPI()
    provide(app, PublicAddress(configured))

    @app.get("/")
    async def address(ours: OurAddress) -> str:
        return ours

    return app


@pytest.fixture
def ask(serve: Serve, http: httpx2.AsyncClient) -> Ask:
    async def ask(*told: tuple[str, str], configured: str = PUBLIC, **more: str) -> str:
        headers = [*told, *((name.replace("_", "-"), value) for name, value in more.items())]
        return str((await http.get(await serve(telling(configured)), headers=headers)).json())

    return ask


async def test_nothing_told_is_the_public_address(ask: Ask) -> None:
    assert await ask() == PUBLIC
    assert await ask(Host="evil.test") == PUBLIC


async def test_a_proxy_is_believed_about_scheme_host_port_and_prefix(ask: Ask) -> None:
    assert await ask(*HERE.items()) == "https://door.test:8443"
    assert await ask(*HERE.items(), X_Forwarded_Prefix="/store") == "https://door.test:8443/store"
    assert await ask(*HERE.items(), X_Forwarded_Prefix="/a/b-c/") == "https://door.test:8443/a/b-c"
    assert await ask(X_Forwarded_Host="[::1]:81") == "http://[::1]:81"


async def test_a_proxy_at_the_public_address_need_not_tell_of_prefix_and_tls(ask: Ask) -> None:
    assert await ask(X_Forwarded_Host="Strongroom.example", X_Forwarded_Proto="https") == PUBLIC
    assert await ask(X_Forwarded_Host="strongroom.example", X_Forwarded_Proto="http") == PUBLIC


async def test_one_that_tells_of_them_is_believed(ask: Ask) -> None:
    told = {"X_Forwarded_Host": "strongroom.example", "X_Forwarded_Proto": "https"}
    assert await ask(**told, X_Forwarded_Prefix="/") == "https://strongroom.example"
    assert await ask(**told, configured="http://strongroom.example") == "https://strongroom.example"


@pytest.mark.parametrize("host", ["a.test, b.test", "a.test/x", "u@a.test", "a.test:99999999", "a b", "", '"'])
async def test_what_is_no_host_decides_nothing(ask: Ask, host: str) -> None:
    assert await ask(X_Forwarded_Host=host, X_Forwarded_Prefix="/store") == PUBLIC


async def test_a_host_that_is_told_twice_decides_nothing(ask: Ask) -> None:
    assert await ask(("X-Forwarded-Host", "a.test"), ("X-Forwarded-Host", "b.test")) == PUBLIC


@pytest.mark.parametrize("prefix", ["store", "//evil.test", "/a;Domain=x", "/a b", "/a?b", "/a, /b", "/a//b", ""])
async def test_what_is_no_prefix_is_not_there(ask: Ask, prefix: str) -> None:
    assert await ask(*HERE.items(), X_Forwarded_Prefix=prefix) == "https://door.test:8443"


async def test_a_stranger_decides_nothing(serve: Serve, http: httpx2.AsyncClient) -> None:
    app = BehindProxies(telling(PUBLIC), "10.0.0.1")

    async def alone(scope: Scope, receive: Receive, send: Send) -> None:
        """Without what the tests' own server, which trusts this machine, has found out."""
        scope.pop("extensions", None)
        await app(scope, receive, send)

    assert (await http.get(await serve(alone), headers=HERE)).json() == PUBLIC


async def test_a_proxy_is_known_before_its_client_takes_its_place(ask: Ask) -> None:
    assert await ask(*HERE.items(), X_Forwarded_For="203.0.113.9") == "https://door.test:8443"
