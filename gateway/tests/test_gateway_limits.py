"""Nobody's requests crowd out those of others."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from gateway.admission import _is_local, _neighbourhood
from gateway.proxies import TrustedProxies
from strongroom.testing import TestIssuer

Serve = Callable[..., Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

PUBLIC_URL = "https://strongroom.example"
SERVER = shutil.which("valkey-server") or shutil.which("redis-server") or ""
AWAY = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer(PUBLIC_URL)


@pytest.fixture
async def service(issuer: TestIssuer, serve: Serve) -> str:
    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") in {None, "/.well-known/jwks.json", "/auth/revocations"}:
            await issuer(scope, receive, send)
        else:
            await PlainTextResponse("ok")(scope, receive, send)

    return await serve(answering)


@pytest.fixture
def store() -> Iterator[str]:
    if not SERVER:
        pytest.skip("neither valkey-server nor redis-server is installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "eady to accept connections" not in process.stdout.readline():
            assert process.poll() is None
        yield f"redis://127.0.0.1:{port}"
        process.terminate()


async def statuses(http: httpx2.AsyncClient, url: str, count: int, headers: dict[str, str]) -> list[int]:
    """Within one second of the clock, or the window would change in between."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        answers = [await http.get(url, headers=headers) for _ in range(count)]
        if loop.time() - began < 0.5:
            return [answer.status_code for answer in answers]


async def test_an_address_without_a_token_is_limited(service: str, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(service, requests_per_second_by_address=3)
    seen = await statuses(http, f"{origin}/files", 10, AWAY)
    assert 3 <= seen.count(200) <= 6
    assert seen.count(429) >= 4
    others = await http.get(f"{origin}/files", headers={"X-Forwarded-For": "203.0.113.10"})
    assert others.status_code == 200
    assert others.headers["ratelimit-policy"] == '"address";q=3;w=1'
    assert others.headers["ratelimit"] == '"address";r=2;t=1'


async def test_the_refusal_says_when_to_come_again(service: str, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(service, requests_per_second_by_address=1)
    answers = [await http.get(f"{origin}/files", headers=AWAY) for _ in range(10)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["type"] == "urn:problem-type:strongroom:rate-limited"
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit"] == '"address";r=0;t=1'


async def test_a_token_has_a_limit_of_its_own_wherever_it_comes_from(
    service: str, issuer: TestIssuer, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    origin = await gateway(service, requests_per_second_by_token=3, requests_per_second_by_address=1)
    token, other = ({"Authorization": f"Bearer {issuer.token(sid=sid)}"} for sid in ("s1", "s2"))
    assert (await http.get(f"{origin}/files", headers=AWAY | token)).status_code == 200  # known from now on
    seen = await statuses(http, f"{origin}/files", 10, AWAY | token)
    assert 2 <= seen.count(200) <= 6
    assert seen.count(429) >= 4
    assert (await http.get(f"{origin}/files", headers=AWAY | other)).status_code == 200


async def test_bad_tokens_count_as_none(service: str, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(service, requests_per_second_by_address=3)
    bad = [AWAY | {"Authorization": f"Bearer nonsense{number}"} for number in range(10)]
    answers = [(await http.get(f"{origin}/files", headers=headers)).status_code for headers in bad]
    assert set(answers) == {401, 429}


async def test_neighbours_in_one_ipv6_network_count_as_one(
    service: str, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    origin = await gateway(service, requests_per_second_by_address=2)
    answers = [
        (await http.get(f"{origin}/files", headers={"X-Forwarded-For": f"2001:db8::{number:x}"})).status_code
        for number in range(1, 12)
    ]
    assert 429 in answers


async def test_a_client_on_this_machine_is_not_limited(
    service: str, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    origin = await gateway(service, requests_per_second_by_address=1)
    answers = [await http.get(f"{origin}/files") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


async def test_nobody_is_of_this_machine_by_being_said_to_be(
    service: str, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    origin = await gateway(service, requests_per_second_by_address=1, trusted_proxies="127.0.0.1,10.0.0.0/8")
    forwarded = {"X-Forwarded-For": "127.0.0.1, 10.1.1.1"}
    assert 429 in await statuses(http, f"{origin}/files", 5, forwarded)


async def test_replicas_count_together_where_a_store_is_named(
    service: str, store: str, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    first = await gateway(service, requests_per_second_by_address=3, limits_url=store)
    second = await gateway(service, requests_per_second_by_address=3, limits_url=store)
    answers = [
        (await http.get(f"{origin}/files", headers=AWAY)).status_code for _ in range(10) for origin in (first, second)
    ]
    assert 429 in answers
    assert answers.count(200) < 15


async def test_a_store_that_is_away_refuses_nobody(service: str, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(service, requests_per_second_by_address=1, limits_url="redis://127.0.0.1:1")
    with capture_logs() as events:
        answers = [(await http.get(f"{origin}/files", headers=AWAY)).status_code for _ in range(5)]
    assert set(answers) == {200}
    assert [event["event"] for event in events] == ["limits.unavailable"]


@pytest.mark.parametrize("others", ["::ffff:198.51.100.7", "::ffff:203.0.113.8"])
def test_an_address_of_the_old_kind_is_the_same_on_a_socket_for_both(others: str) -> None:
    """`[::]:8000` takes both, and the kernel writes the old ones as `::ffff:a.b.c.d`."""
    assert _neighbourhood("::ffff:203.0.113.9") == _neighbourhood("203.0.113.9") != _neighbourhood(others)
    assert _is_local("::ffff:127.0.0.1")
    assert TrustedProxies("203.0.113.0/24").trusts("::ffff:203.0.113.9")
