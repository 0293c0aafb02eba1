"""Tokens for programs: one request to the issuer for however many need one, and none that tells a secret."""

import asyncio
import base64
import gzip
import json
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from starlette.responses import Response
from starlette.types import ASGIApp
from token_endpoint import PATH, TokenEndpoint, endless, granted

from strongroom import ClientCredentials
from strongroom.token_source import TokenUnavailable

SECRET = "s/e+c r:e%t"
Serve = Callable[[ASGIApp], Awaitable[str]]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def endpoint() -> TokenEndpoint:
    return TokenEndpoint()


@pytest.fixture
async def tokens(endpoint: TokenEndpoint, serve: Serve, clock: Clock) -> AsyncIterator[ClientCredentials]:
    url = await serve(endpoint.app()) + PATH
    async with ClientCredentials(url, "a:b", SECRET, scope="files:read x", clock=clock, patience=5) as credentials:
        yield credentials


async def until_renewed(tokens: ClientCredentials) -> None:
    """What goes on in the background is over."""
    if tokens._fetch is not None:
        await tokens._fetch


async def test_the_request_is_the_one_of_rfc_6749(tokens: ClientCredentials, endpoint: TokenEndpoint) -> None:
    assert await tokens.token() == "token-1"
    headers, body = endpoint.requests[0]
    scheme, _, credentials = headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(credentials)) == ("Basic", b"a%3Ab:s%2Fe%2Bc+r%3Ae%25t")
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert body == b"grant_type=client_credentials&scope=files%3Aread+x"


async def test_a_hundred_callers_cause_one_request(tokens: ClientCredentials, endpoint: TokenEndpoint) -> None:
    given = await asyncio.gather(*(tokens.token() for _ in range(100)))
    assert (set(given), endpoint.count) == ({"token-1"}, 1)
    assert await tokens.token() == "token-1"
    assert endpoint.count == 1


async def test_who_is_cancelled_takes_the_token_from_nobody(tokens: ClientCredentials, endpoint: TokenEndpoint) -> None:
    endpoint.open.clear()
    first, second = asyncio.ensure_future(tokens.token()), asyncio.ensure_future(tokens.token())
    await endpoint.asked.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    endpoint.open.set()
    assert await second == "token-1"
    assert (first.cancelled(), endpoint.count) == (True, 1)


async def test_an_aging_token_serves_while_it_is_renewed(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock
) -> None:
    await tokens.token()
    clock.now += 839
    assert await tokens.token() == "token-1"
    await until_renewed(tokens)
    assert endpoint.count == 1
    clock.now += 1
    endpoint.open.clear()
    assert [await tokens.token() for _ in range(3)] == ["token-1"] * 3
    await endpoint.asked.wait()
    endpoint.open.set()
    await until_renewed(tokens)
    assert (await tokens.token(), endpoint.count) == ("token-2", 2)


async def test_no_token_is_used_that_expires_on_the_way(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock
) -> None:
    await tokens.token()
    clock.now += 890
    assert await tokens.token() == "token-2"


async def test_the_time_that_the_issuer_takes_is_not_added_to_the_token_s_life(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock
) -> None:
    endpoint.open.clear()
    waiting = asyncio.ensure_future(tokens.token())
    await endpoint.asked.wait()
    clock.now += 891
    endpoint.open.set()
    assert await waiting == "token-1"
    assert await tokens.token() == "token-2"


@pytest.mark.parametrize("lifetime", [0.5, 2, 1e300, 10**400])
async def test_very_short_and_very_long_lives_do_no_harm(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock, lifetime: float
) -> None:
    endpoint.lifetime = lifetime
    assert await tokens.token() == "token-1"
    clock.now += 86_400
    assert await tokens.token() == "token-2"


async def test_a_renewal_that_fails_takes_nothing_away(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock
) -> None:
    await tokens.token()
    endpoint.answers = [Response(status_code=503)]
    clock.now += 850
    assert await tokens.token() == "token-1"
    await until_renewed(tokens)
    assert (await tokens.token(), endpoint.count) == ("token-1", 2)  # not asked again at once
    clock.now += 2
    await tokens.token()
    await until_renewed(tokens)
    assert await tokens.token() == "token-3"


NONSENSE = [
    b"",
    b"<html>",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"[" * 60_000,
    b"{}",
    b'{"access_token": "a"}',
    b'{"access_token": "a", "token_type": "mac"}',
    b'{"access_token": 7, "token_type": "bearer"}',
    b'{"access_token": "", "token_type": "bearer"}',
    b'{"access_token": "a\\r\\nX: y", "token_type": "bearer"}',
    '{"access_token": "ä", "token_type": "bearer"}'.encode(),
    b'{"access_token": "a", "token_type": "bearer", "expires_in": 0}',
    b'{"access_token": "a", "token_type": "bearer", "expires_in": -1}',
    b'{"access_token": "a", "token_type": "bearer", "expires_in": NaN}',
    b'{"access_token": "a", "token_type": "bearer", "expires_in": true}',
    b'{"access_token": "a", "token_type": "bearer", "expires_in": "900"}',
    b'{"access_token": "a", "token_type": "bearer", "expires_in": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", NONSENSE)
async def test_nonsense_is_no_token(tokens: ClientCredentials, endpoint: TokenEndpoint, body: bytes) -> None:
    endpoint.answers = [Response(body)]
    with pytest.raises(TokenUnavailable):
        await tokens.token()


async def test_an_endless_answer_is_cut_off(tokens: ClientCredentials, endpoint: TokenEndpoint) -> None:
    endpoint.answers = [endless()]
    async with asyncio.timeout(4):  # before its patience ends
        with pytest.raises(TokenUnavailable):
            await tokens.token()


async def test_an_answer_is_not_unpacked(tokens: ClientCredentials, endpoint: TokenEndpoint) -> None:
    packed = gzip.compress(json.dumps({"access_token": "a", "token_type": "bearer"}).encode())
    endpoint.answers = [Response(packed, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(TokenUnavailable):
        await tokens.token()


async def test_the_credentials_follow_no_redirect(
    tokens: ClientCredentials, endpoint: TokenEndpoint, serve: Serve
) -> None:
    elsewhere = TokenEndpoint()
    endpoint.answers = [Response(status_code=307, headers={"Location": await serve(elsewhere.app()) + PATH})]
    with pytest.raises(TokenUnavailable):
        await tokens.token()
    assert elsewhere.count == 0


async def test_an_issuer_that_does_not_answer_is_not_waited_for_without_end(
    endpoint: TokenEndpoint, serve: Serve
) -> None:
    url = await serve(endpoint.app()) + PATH
    endpoint.open.clear()
    async with ClientCredentials(url, "id", SECRET, patience=0.1) as tokens:
        with pytest.raises(TokenUnavailable):
            await tokens.token()
    endpoint.open.set()


async def test_a_failure_is_remembered_for_a_moment(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock
) -> None:
    endpoint.answers = [Response(status_code=500)]
    refused = await asyncio.gather(*(tokens.token() for _ in range(50)), return_exceptions=True)
    assert {type(one) for one in refused} == {TokenUnavailable}
    with pytest.raises(TokenUnavailable):
        await tokens.token()
    assert endpoint.count == 1
    clock.now += 1
    assert (await tokens.token(), endpoint.count) == ("token-2", 2)


async def test_a_discarded_token_is_replaced_once_for_all(tokens: ClientCredentials, endpoint: TokenEndpoint) -> None:
    token = await tokens.token()

    async def refused() -> str:
        tokens.discard(token)
        return await tokens.token()

    assert set(await asyncio.gather(*(refused() for _ in range(50)))) == {"token-2"}
    assert endpoint.count == 2


async def test_who_refuses_every_token_makes_the_issuer_no_work(
    tokens: ClientCredentials, endpoint: TokenEndpoint, clock: Clock
) -> None:
    for _ in range(50):
        tokens.discard(await tokens.token())
    assert endpoint.count == 2
    clock.now += 1
    tokens.discard(await tokens.token())
    assert await tokens.token() == "token-3"


async def test_neither_secret_nor_token_is_told(
    tokens: ClientCredentials, endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    caplog.set_level(logging.DEBUG)
    told = [repr(tokens), repr(vars(tokens)["_held"])]
    await tokens.token()
    told.append(repr(vars(tokens)["_held"]))
    echo = {"error": "invalid_client", "error_description": f"{SECRET} is wrong"}
    for answer in (Response(json.dumps(echo), 401), Response(SECRET, 500), granted(f"token {SECRET}")):
        endpoint.answers = [answer]
        clock.now += 1000
        with pytest.raises(TokenUnavailable) as refusal:
            await tokens.token()
        told += [repr(refusal.value), str(refusal.value), "".join(traceback.format_exception(refusal.value))]
    told.append(caplog.text)
    headers = [request["authorization"].removeprefix("Basic ") for request, _ in endpoint.requests]
    for secret in (SECRET, "s%2Fe%2Bc", "token-1", *headers):
        assert not [text for text in told if secret in text]
    assert "HTTP 401 invalid_client" in caplog.text  # what an operator needs


async def test_nobody_there_is_told_at_once(http: httpx2.AsyncClient) -> None:
    async with ClientCredentials("http://127.0.0.1:1/token", "id", SECRET) as tokens:
        with pytest.raises(TokenUnavailable):
            await tokens.token()
