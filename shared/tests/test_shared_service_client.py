"""Calls between services: made again where that is harmless, and the token is shown to nobody else."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx2
import pytest
from called_service import REFUSED, Breaking, Called
from starlette.responses import Response
from starlette.types import ASGIApp

from strongroom import ServiceClient
from strongroom.service_call import OtherOrigin
from strongroom.service_client import CallTimedOut, ServiceUnreachable
from strongroom.token_source import TokenUnavailable

Serve = Callable[[ASGIApp], Awaitable[str]]
NOBODY = "http://127.0.0.1:1"


class Tokens:
    """`token-1` until it is discarded, then `token-2`…"""

    def __init__(self) -> None:
        self.number = 1
        self.lasting = False
        self.failure: Exception | None = None

    async def token(self) -> str:
        if self.failure is not None:
            raise self.failure
        return f"token-{self.number}"

    def discard(self, token: str) -> None:
        if not self.lasting and token == f"token-{self.number}":
            self.number += 1


class Time:
    """Passes in pauses only."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.fixture
async def calling(tokens: Tokens, time: Time) -> AsyncIterator[Callable[..., ServiceClient]]:
    made: list[ServiceClient] = []

    def client(base_url: str, **more: Any) -> ServiceClient:
        made.append(ServiceClient(base_url, tokens, sleep=time.sleep, clock=time, **more))
        return made[-1]

    yield client
    for one in made:
        await one.aclose()


@pytest.fixture
async def client(called: Called, serve: Serve, calling: Callable[..., ServiceClient]) -> ServiceClient:
    return calling(await serve(called))


async def pieces(seen: list[bytes]) -> AsyncIterator[bytes]:
    for piece in (b"one", b"two"):
        seen.append(piece)
        yield piece


# The token and where it goes


@pytest.mark.parametrize(
    "address",
    [
        "http://evil.test/x",
        "//evil.test/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1:1/x",
        "http://token@127.0.0.1/x",
        "file:///etc/passwd",
        "http://[",
        "/a\n/b",
    ],
)
async def test_the_token_goes_to_no_other_origin(client: ServiceClient, called: Called, address: str) -> None:
    with pytest.raises(OtherOrigin):
        await client.request("GET", address)
    assert called.count == 0


async def test_an_address_of_the_service_itself_may_be_given_in_full(
    called: Called, serve: Serve, calling: Callable[..., ServiceClient]
) -> None:
    origin = await serve(called)
    client = calling(f"{origin}/below/")
    for path in ("/a/b?c=d", "a/b?c=d", f"{origin}/a/b?c=d"):
        await client.request("GET", path)
    assert [str(one.url).removeprefix(origin) for one in called.requests] == ["/below/a/b?c=d"] * 2 + ["/a/b?c=d"]
    assert called.tokens == ["Bearer token-1"] * 3


@pytest.mark.parametrize("base_url", ["", "/x", "ftp://h", "http://", "http://u:p@h", "http://h/?q", "h:1"])
async def test_a_base_that_is_no_origin_is_refused(calling: Callable[..., ServiceClient], base_url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        calling(base_url)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(
    client: ServiceClient, called: Called, serve: Serve, calling: Callable[..., ServiceClient], status: int
) -> None:
    elsewhere = Called()
    location = {"Location": await serve(elsewhere)}
    called.answers = [Response(status_code=status, headers=location)] * 2
    assert (await client.request("GET", "/")).status_code == status
    eager = calling(str(called.requests[0].base_url), http=httpx2.AsyncClient(follow_redirects=True))
    assert (await eager.request("GET", "/")).status_code == status
    assert elsewhere.count == 0


async def test_nobody_else_s_word_stands_for_ours(client: ServiceClient, called: Called) -> None:
    theirs = {"authorization": "Bearer theirs", "Host": "evil.test", "TraceParent": "x", "X-Request-Id": "y", "A": "b"}
    await client.request("GET", "/", headers=theirs)
    sent = called.requests[0].headers
    assert (called.tokens, sent["a"]) == (["Bearer token-1"], "b")
    assert "evil.test" not in sent["host"]
    assert sent.getlist("x-request-id") != ["y"]
    assert sent.getlist("traceparent") != ["x"]


async def test_the_token_is_told_nowhere(
    calling: Callable[..., ServiceClient], tokens: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = calling(NOBODY)
    with pytest.raises(ServiceUnreachable) as refusal:
        await client.request("GET", "/")
    told = [repr(client), str(vars(client)), "".join(traceback.format_exception(refusal.value)), caplog.text]
    assert not [text for text in told if "token-1" in text]


# A token that is refused


async def test_a_refused_token_is_replaced_and_the_call_made_once_more(client: ServiceClient, called: Called) -> None:
    called.answers = [Response(status_code=401, headers=REFUSED), Response(b"done")]
    answer = await client.request("POST", "/", content=b"body")
    assert (answer.status_code, answer.text) == (200, "done")
    assert called.tokens == ["Bearer token-1", "Bearer token-2"]
    assert called.bodies == [b"body"] * 2


async def test_a_second_refusal_stands(client: ServiceClient, called: Called) -> None:
    called.answers = [Response(status_code=401, headers=REFUSED)] * 3
    assert (await client.request("GET", "/")).status_code == 401
    assert called.count == 2


async def test_the_same_token_is_not_tried_again(client: ServiceClient, called: Called, tokens: Tokens) -> None:
    tokens.lasting = True
    called.answers = [Response(status_code=401, headers=REFUSED)]
    assert (await client.request("GET", "/")).status_code == 401
    assert called.count == 1


@pytest.mark.parametrize(
    ("status", "challenge"),
    [(401, "Bearer"), (401, 'Basic realm="invalid_token"'), (403, 'Bearer error="invalid_token"')],
)
async def test_other_refusals_say_nothing_of_the_token(
    client: ServiceClient, called: Called, status: int, challenge: str
) -> None:
    called.answers = [Response(status_code=status, headers={"WWW-Authenticate": challenge})]
    assert (await client.request("GET", "/")).status_code == status
    assert called.tokens == ["Bearer token-1"]


async def test_a_stream_is_not_sent_twice_for_a_new_token(client: ServiceClient, called: Called) -> None:
    called.answers = [Response(status_code=401, headers=REFUSED)]
    seen: list[bytes] = []
    assert (await client.request("PUT", "/", content=pieces(seen))).status_code == 401
    assert (seen, called.bodies) == ([b"one", b"two"], [b"onetwo"])
    await client.request("GET", "/")
    assert called.tokens[-1] == "Bearer token-2"  # the next call has the new one


async def test_without_a_token_nothing_is_sent(client: ServiceClient, called: Called, tokens: Tokens) -> None:
    tokens.failure = TokenUnavailable()
    with pytest.raises(TokenUnavailable):
        await client.request("GET", "/")
    assert called.count == 0


# Trying again


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "get"])
@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_what_is_idempotent_is_tried_again(
    client: ServiceClient, called: Called, time: Time, method: str, status: int
) -> None:
    called.answers = [Response(status_code=status)] * 2
    assert (await client.request(method, "/", content=b"body")).status_code == 200
    assert called.bodies == [b"body"] * 3
    assert 0.05 <= time.pauses[0] <= 0.1 <= time.pauses[1] <= 0.2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_what_is_not_idempotent_is_not(client: ServiceClient, called: Called, method: str) -> None:
    called.answers = [Response(status_code=503, headers={"Retry-After": "0"})]
    assert (await client.request(method, "/")).status_code == 503
    assert called.count == 1


@pytest.mark.parametrize("status", [400, 404, 409, 500, 501])
async def test_an_answer_that_would_be_the_same_again_stands(
    client: ServiceClient, called: Called, status: int
) -> None:
    called.answers = [Response(status_code=status)]
    assert (await client.request("GET", "/")).status_code == status
    assert called.count == 1


async def test_the_last_answer_stands(client: ServiceClient, called: Called) -> None:
    called.answers = [Response(status_code=503)] * 9
    assert (await client.request("GET", "/")).status_code == 503
    assert called.count == 4


async def test_a_stream_is_not_tried_again(client: ServiceClient, called: Called) -> None:
    called.answers = [Response(status_code=503)]
    assert (await client.request("PUT", "/", content=pieces([]))).status_code == 503
    assert called.bodies == [b"onetwo"]


@pytest.mark.parametrize("piece", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal"])
async def test_a_connection_that_broke_is_made_anew_where_that_is_harmless(
    calling: Callable[..., ServiceClient], piece: bytes
) -> None:
    service = Breaking(2, piece)
    async with service.listening() as origin:
        client = calling(origin)
        assert (await client.request("DELETE", "/")).text == "ok"
        assert len(service.heads) == 3


@pytest.mark.parametrize("piece", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal"])
async def test_a_post_is_not_repeated_after_a_reset(calling: Callable[..., ServiceClient], piece: bytes) -> None:
    service = Breaking(1, piece)
    async with service.listening() as origin:
        with pytest.raises(ServiceUnreachable):
            await calling(origin).request("POST", "/", content=b"pay")
        assert len(service.heads) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_where_nothing_was_sent_anything_is_tried_again(
    called: Called, serve: Serve, tokens: Tokens, method: str
) -> None:
    origin, seen = await serve(called), list[bytes]()
    http = httpx2.AsyncClient(mounts={"http://": Unreachable(2)})
    async with ServiceClient(origin, tokens, http=http) as client:
        assert (await client.request(method, "/", content=pieces(seen))).status_code == 200
    assert (seen, called.bodies) == ([b"one", b"two"], [b"onetwo"])


class Unreachable(httpx2.AsyncHTTPTransport):
    """At first no connection can be made."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._nobody = httpx2.AsyncHTTPTransport()
        self._times = times

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._times == 0:
            return await super().handle_async_request(request)
        self._times -= 1
        there, request.url = request.url, httpx2.URL(NOBODY)
        try:
            return await self._nobody.handle_async_request(request)
        finally:
            request.url = there


async def test_nobody_there_is_told_in_the_end(calling: Callable[..., ServiceClient], time: Time) -> None:
    with pytest.raises(ServiceUnreachable) as refusal:
        await calling(NOBODY).request("POST", "/")
    assert isinstance(refusal.value.__cause__, httpx2.ConnectError)
    assert len(time.pauses) == 3


# Pauses and the deadline


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7", 7, 7),
        (" 7 ", 7, 7),
        ("0", 0.05, 0.1),
        ("9" * 400, 30, 30),
        ("-1", 0.05, 0.1),
        ("soon", 0.05, 0.1),
        ("٣", 0.05, 0.1),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.05, 0.1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 30, 30),
        ("Wed, 99 Foo 2015 07:28:00 GMT", 0.05, 0.1),
    ],
)
async def test_what_a_service_asks_for_is_respected(
    client: ServiceClient, called: Called, time: Time, asked: str, least: float, most: float
) -> None:
    called.answers = [Response(status_code=503)]
    called.answers[0].raw_headers.append((b"retry-after", asked.encode()))
    assert (await client.request("GET", "/", deadline=100)).status_code == 200
    assert least <= time.pauses[0] <= most


async def test_a_moment_that_a_service_names_is_waited_for(client: ServiceClient, called: Called, time: Time) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    called.answers = [Response(status_code=429, headers={"Retry-After": moment})]
    assert (await client.request("GET", "/")).status_code == 200
    assert 15 <= time.pauses[0] <= 20


async def test_a_pause_beyond_the_deadline_is_not_made(client: ServiceClient, called: Called, time: Time) -> None:
    called.answers = [Response(status_code=503, headers={"Retry-After": "11"})]
    assert (await client.request("GET", "/", deadline=10)).status_code == 503
    assert (called.count, time.pauses) == (1, [])


async def test_the_deadline_holds_for_all_attempts_together(client: ServiceClient, called: Called, time: Time) -> None:
    called.answers = [Response(status_code=503, headers={"Retry-After": "4"})] * 9
    assert (await client.request("GET", "/", deadline=10)).status_code == 503
    assert (called.count, time.pauses) == (3, [4.0, 4.0])


async def test_who_does_not_answer_is_not_waited_for_beyond_the_deadline(client: ServiceClient, called: Called) -> None:
    called.open.clear()
    with pytest.raises(CallTimedOut):
        await client.request("GET", "/", deadline=0.1)
    called.open.set()
    assert called.count == 1


async def test_a_body_of_json_says_so(client: ServiceClient, called: Called) -> None:
    await client.request("POST", "/", json={"a": [1, "ü"]})
    assert called.bodies == [b'{"a": [1, "\\u00fc"]}']
    assert called.requests[0].headers["content-type"] == "application/json"
    await client.request("POST", "/", content=b"x", headers={"Content-Type": "text/plain"})
    assert called.requests[1].headers.getlist("content-type") == ["text/plain"]


async def test_calls_beside_each_other_do_not_disturb_each_other(client: ServiceClient, called: Called) -> None:
    called.refused = "Bearer token-1"
    answers = await asyncio.gather(*(client.request("GET", "/") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert set(called.tokens) == {"Bearer token-1", "Bearer token-2"}
