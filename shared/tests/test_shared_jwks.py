"""The key cache: fresh enough, and never a way to make somebody else's server work."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from strongroom.errors import InvalidToken, KeysUnavailable
from strongroom.jwks import JwksCache
from strongroom.testing import TestIssuer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def key_owner() -> TestIssuer:
    return TestIssuer()


class Origin:
    """Answers with the issuer's keys, or as it is told to."""

    def __init__(self, issuer: TestIssuer) -> None:
        self.document: object = {"keys": issuer.keys}
        self.headers: dict[str, str] = {}
        self.status = 200
        self.fetches = 0
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.fetches += 1
        self.asked.set()
        await self.gate.wait()
        return httpx2.Response(self.status, json=self.document, headers=self.headers)


@pytest.fixture
def origin(key_owner: TestIssuer) -> Origin:
    return Origin(key_owner)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cache(origin: Origin, clock: Clock) -> AsyncIterator[JwksCache]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(origin.answer)) as http:
        yield JwksCache("http://issuer.test/keys", http, max_age=300, cooldown=10, clock=clock)


async def settled() -> None:
    """Until every background task has had its turn."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*(task for task in others if "_renew" in repr(task)), return_exceptions=True)


async def test_a_key_is_fetched_once_and_kept(cache: JwksCache, origin: Origin, key_owner: TestIssuer) -> None:
    for _ in range(3):
        await cache.key(key_owner.kid)
    assert origin.fetches == 1


async def test_an_old_set_serves_while_it_is_renewed(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    await cache.key(key_owner.kid)
    clock.now += 301
    origin.gate.clear()
    for _ in range(5):
        await cache.key(key_owner.kid)  # does not wait for the fetch
    origin.gate.set()
    await settled()
    assert origin.fetches == 2


async def test_the_issuers_max_age_counts(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    origin.headers = {"Cache-Control": "public, max-age=20"}
    await cache.key(key_owner.kid)
    clock.now += 19
    await cache.key(key_owner.kid)
    await settled()
    assert origin.fetches == 1
    clock.now += 2
    await cache.key(key_owner.kid)
    await settled()
    assert origin.fetches == 2


async def test_unknown_kids_cause_one_fetch_a_cooldown(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    await cache.key(key_owner.kid)
    for _ in range(100):
        with pytest.raises(InvalidToken):
            await cache.key("made-up")
    assert origin.fetches == 1
    clock.now += 10
    for number in range(100):
        with pytest.raises(InvalidToken):
            await cache.key(f"made-up-{number}")
    assert origin.fetches == 2


async def test_a_new_key_is_found_at_once_after_the_cooldown(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    await cache.key(key_owner.kid)
    origin.document = {"keys": [*key_owner.keys, {**key_owner.keys[0], "kid": "new"}]}
    clock.now += 10
    await cache.key("new")


async def test_a_key_that_is_withdrawn_goes(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    await cache.key(key_owner.kid)
    origin.document = {"keys": [{**key_owner.keys[0], "kid": "other"}]}
    clock.now += 301
    await cache.key(key_owner.kid)
    await settled()
    assert not await cache.holds(key_owner.kid)


async def test_after_a_minute_of_staleness_a_withdrawn_key_is_not_trusted_once_more(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    await cache.key(key_owner.kid)
    origin.document = {"keys": [{**key_owner.keys[0], "kid": "other"}]}
    clock.now += 361
    assert not await cache.holds(key_owner.kid)


async def test_what_a_cache_on_the_way_has_kept_is_so_much_older(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    origin.headers = {"Cache-Control": "max-age=100", "Age": "90"}
    await cache.key(key_owner.kid)
    clock.now += 11
    await cache.key(key_owner.kid)
    await settled()
    assert origin.fetches == 2


@pytest.mark.parametrize("broken", ["status", "document", "no keys"])
async def test_an_issuer_in_trouble_takes_nobody_down(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer, broken: str
) -> None:
    await cache.key(key_owner.kid)
    if broken == "status":
        origin.status = 500
    else:
        origin.document = {"keys": []} if broken == "no keys" else ["nonsense"]
    for _ in range(5):
        clock.now += 301
        await cache.key(key_owner.kid)
        await settled()
    assert origin.fetches == 6


async def test_without_any_key_it_is_unavailable_and_tries_once_a_second(
    cache: JwksCache, origin: Origin, clock: Clock, key_owner: TestIssuer
) -> None:
    origin.status = 503
    for _ in range(50):
        with pytest.raises(KeysUnavailable):
            await cache.key(key_owner.kid)
    assert origin.fetches == 1
    clock.now += 1
    origin.status = 200
    await cache.key(key_owner.kid)


async def test_who_gives_up_waiting_does_not_stop_the_fetch_for_others(
    cache: JwksCache, origin: Origin, key_owner: TestIssuer
) -> None:
    origin.gate.clear()
    impatient = asyncio.create_task(cache.key(key_owner.kid))
    patient = asyncio.create_task(cache.key(key_owner.kid))
    await origin.asked.wait()
    impatient.cancel()
    origin.gate.set()
    assert (await patient).key_size == 2048
    assert origin.fetches == 1


@pytest.mark.parametrize(
    "change", [{"kty": "EC"}, {"use": "enc"}, {"alg": "RS512"}, {"kid": 7}, {"n": "AQAB"}, {"n": "%%%"}, {"n": None}]
)
async def test_keys_that_are_not_for_rs256_are_passed_over(
    cache: JwksCache, origin: Origin, key_owner: TestIssuer, change: dict[str, object]
) -> None:
    good = key_owner.keys[0]
    origin.document = {"keys": [{**good, "kid": "odd", **change}, "nonsense", good]}
    assert (await cache.key(good["kid"])).key_size == 2048
    with pytest.raises(InvalidToken):
        await cache.key("odd")
