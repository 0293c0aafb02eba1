"""The life of signing keys: none signs before everybody can know it, none goes before all it signed has expired."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx2
import jwt
import pytest
from auth_client import ADMIN, AuthClient
from starlette.types import ASGIApp

from auth_service.app import create_app, reseal
from auth_service.keys.rotation import JWKS_MAX_AGE, REPLICAS_AGREE_AFTER, KeyRotation
from auth_service.keys.sealing import MasterKey, WrongMasterKey
from auth_service.keys.service import KeyRing
from auth_service.settings import AuthSettings
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.errors import InvalidToken

MIGRATIONS = Path(__file__).parents[1] / "migrations"
READY_AFTER = JWKS_MAX_AGE + REPLICAS_AGREE_AFTER


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database_url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.aclose()


class Replica:
    def __init__(self, database: Database, master_key: MasterKey, clock: Clock) -> None:
        self.ring = KeyRing(database, master_key, clock=clock)
        self.rotation = KeyRotation(
            database, self.ring, period=timedelta(days=30), token_lifetime=timedelta(minutes=15), clock=clock
        )

    def published(self) -> set[str]:
        return {key["kid"] for key in self.ring.jwks()["keys"]}

    async def states(self) -> dict[str, str]:
        return {life.key.kid: life.key.state for life in await self.rotation.lives()}


@pytest.fixture
async def replica(database: Database, clock: Clock) -> Replica:
    made = Replica(database, MasterKey(base64.b64encode(b"m" * 32).decode()), clock)
    await made.ring.load()
    return made


async def test_the_first_start_publishes_the_key_that_will_sign_next(replica: Replica) -> None:
    assert sorted((await replica.states()).values()) == ["active", "next"]
    assert replica.published() == set(await replica.states())


async def test_a_rotation_on_demand_uses_the_published_key_at_once(replica: Replica) -> None:
    old = replica.ring.active.kid
    (following,) = replica.published() - {old}
    await replica.rotation.rotate(uuid4())
    assert replica.ring.active.kid == following
    states = await replica.states()
    assert (states[old], states[following]) == ("retired", "active")
    assert sorted(states.values()) == ["active", "next", "retired"]
    assert replica.published() == set(states)


async def test_a_second_rotation_waits_until_every_verifier_can_know_the_key(replica: Replica, clock: Clock) -> None:
    clock.advance(seconds=1)
    await replica.rotation.rotate(uuid4())
    first = replica.ring.active.kid
    await replica.rotation.rotate(uuid4())
    assert replica.ring.active.kid == first
    (waiting,) = (life for life in await replica.rotation.lives() if life.key.state == "next")
    assert waiting.activates_at == clock.now + READY_AFTER
    clock.now = waiting.activates_at - timedelta(seconds=1)
    await replica.rotation.tend()
    assert replica.ring.active.kid == first
    clock.advance(seconds=1)
    await replica.rotation.tend()
    assert replica.ring.active.kid == waiting.key.kid


async def test_keys_rotate_by_themselves(replica: Replica, clock: Clock) -> None:
    seen = [replica.ring.active.kid]
    for _ in range(3):
        clock.advance(days=29, hours=23)
        await replica.rotation.tend()
        assert replica.ring.active.kid == seen[-1]
        clock.advance(hours=2)
        await replica.rotation.tend()
        await replica.rotation.tend()
        seen.append(replica.ring.active.kid)
    assert len(set(seen)) == 4


async def test_a_retired_key_goes_when_all_it_signed_has_expired(replica: Replica, clock: Clock) -> None:
    old = replica.ring.active.kid
    await replica.rotation.rotate(uuid4())
    clock.advance(minutes=16, seconds=59)
    await replica.rotation.tend()
    assert old in replica.published()
    clock.advance(seconds=1)
    await replica.rotation.tend()
    assert old not in replica.published()


async def test_a_replica_learns_what_another_one_did(replica: Replica, database: Database, clock: Clock) -> None:
    other = Replica(database, MasterKey(base64.b64encode(b"m" * 32).decode()), clock)
    await other.ring.load()
    await replica.rotation.rotate(uuid4())
    assert other.ring.active.kid in replica.published()  # what it still signs with is good
    await other.rotation.tend()
    assert other.ring.active.kid == replica.ring.active.kid
    assert other.published() == replica.published()


async def test_replicas_that_all_tend_at_once_do_it_once(replica: Replica, database: Database, clock: Clock) -> None:
    others = [Replica(database, MasterKey(base64.b64encode(b"m" * 32).decode()), clock) for _ in range(4)]
    for other in others:
        await other.ring.load()
    clock.advance(days=31)
    for _ in range(2):
        await asyncio.gather(*(one.rotation.tend() for one in [replica, *others]))
    states = list((await replica.states()).values())
    assert sorted(states) == ["active", "next", "retired"]


async def test_in_an_emergency_all_keys_are_replaced(replica: Replica) -> None:
    old = replica.published()
    await replica.rotation.replace_all(uuid4())
    assert not old & replica.published()
    assert sorted((await replica.states()).values()) == ["active", "next"]


async def test_rotation_in_the_middle_of_traffic_fails_nothing(
    auth: AuthClient, settings: AuthSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    admin = await auth.access_token(**ADMIN)
    headers = {"Authorization": f"Bearer {admin}"}
    body = {"name": "traffic", "scopes": ["files:read"]}
    client = (await auth.http.post(f"{auth.origin}/auth/clients", json=body, headers=headers)).json()
    form = {key: client[key] for key in ("client_id", "client_secret")}
    replicas = [auth, AuthClient(http, await serve(create_app(settings)))]
    kids: set[str] = set()
    done = 0

    async with TokenVerifier(
        "http://strongroom.test", jwks_url=f"{replicas[1].origin}/.well-known/jwks.json"
    ) as verifier:

        async def traffic(worker: int) -> None:
            nonlocal done
            for _ in range(125):
                answer = await replicas[worker % 2].token(grant_type="client_credentials", **form)
                assert answer.status_code == 200, answer.text
                token = answer.json()["access_token"]
                await verifier.verify(token)
                kids.add(jwt.get_unverified_header(token)["kid"])
                done += 1
                if done in {500, 1000, 1500}:
                    assert (await auth.send("POST", "/auth/keys/rotate", admin)).status_code == 200

        await asyncio.gather(*(traffic(worker) for worker in range(16)))
        await verifier.verify(admin)  # signed by the key that is retired now
    assert done == 2000
    assert len(kids) == 2


async def test_only_admins_see_and_rotate_keys_and_nobody_sees_private_parts(auth: AuthClient) -> None:
    await auth.register()
    token = await auth.access_token()
    assert (await auth.get("/auth/keys", token)).status_code == 403
    assert (await auth.send("POST", "/auth/keys/rotate", token)).status_code == 403
    admin = await auth.access_token(**ADMIN)
    keys = (await auth.get("/auth/keys", admin)).json()
    fields = {"kid", "state", "created_at", "activates_at", "activated_at", "retired_at", "gone_at"}
    assert all(key.keys() == fields for key in keys)
    after = (await auth.send("POST", "/auth/keys/rotate", admin, {"emergency": True})).json()
    assert not {key["kid"] for key in keys} & {key["kid"] for key in after}
    async with TokenVerifier("http://strongroom.test", jwks_url=f"{auth.origin}/.well-known/jwks.json") as verifier:
        with pytest.raises(InvalidToken):
            await verifier.verify(admin)


def encoded(byte: bytes) -> str:
    return base64.b64encode(byte * 32).decode()


async def test_the_master_key_is_rotated_without_a_gap(
    settings: AuthSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    old = AuthClient(http, await serve(create_app(settings)))
    token = await old.access_token(**ADMIN)
    new = base64.b64encode(os.urandom(32)).decode()
    both = AuthSettings.model_validate(
        {**_plain(settings), "master_key": new, "previous_master_key": settings.master_key.get_secret_value()}
    )
    between = AuthClient(http, await serve(create_app(both)))
    assert (await between.get("/auth/profile", token)).status_code == 200
    assert await reseal(both) == 2
    assert await reseal(both) == 2  # again, as after an interruption
    alone = AuthSettings.model_validate({**_plain(settings), "master_key": new})
    after = AuthClient(http, await serve(create_app(alone)))
    assert (await after.get("/auth/profile", token)).status_code == 200
    with pytest.raises(WrongMasterKey):
        await reseal(settings)


def _plain(settings: AuthSettings) -> dict[str, object]:
    return {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value
        for name, value in settings.model_dump().items()
    }


def test_what_the_previous_key_sealed_opens_and_is_sealed_anew() -> None:
    old, other = MasterKey(encoded(b"a")), MasterKey(encoded(b"c"))
    new = MasterKey(encoded(b"b"), old)
    sealed = old.seal(b"secret", "context")
    assert new.open(sealed, "context") == b"secret"
    resealed = new.reseal(sealed, "context")
    assert MasterKey(encoded(b"b")).open(resealed, "context") == b"secret"
    for wrong in (other, MasterKey(encoded(b"b"))):
        with pytest.raises(WrongMasterKey):
            wrong.open(sealed, "context")
    with pytest.raises(WrongMasterKey):
        new.open(sealed, "another context")
