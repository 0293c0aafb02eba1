"""The life of signing keys: none signs before everybody can know it, none goes before all it signed has expired."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import jwt
import pytest
from auth_clock import Clock
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from auth_service.audit import repository as audit
from auth_service.keys import repository
from auth_service.keys.repository import CHANNEL
from auth_service.keys.rotation import JWKS_MAX_AGE, REPLICAS_AGREE_AFTER, KeyRotation
from auth_service.keys.sealing import MasterKey, WrongMasterKey
from auth_service.keys.service import KeyRing
from auth_service.keys.tending import tending
from auth_service.oauth.access_tokens import AUDIENCE, AccessTokens
from strongroom.database import Database
from strongroom.database.notifications import Notifications

MIGRATIONS = Path(__file__).parents[1] / "migrations"
READY_AFTER = JWKS_MAX_AGE + REPLICAS_AGREE_AFTER
LIFETIME, LEEWAY = timedelta(minutes=15), timedelta(seconds=30)


def master_key(byte: bytes = b"m") -> MasterKey:
    return MasterKey(base64.b64encode(byte * 32).decode())


class Replica:
    def __init__(self, database: Database, master_key: MasterKey, clock: Clock) -> None:
        self.ring = KeyRing(database, master_key, clock=clock)
        self.rotation = KeyRotation(
            database, self.ring, period=timedelta(days=30), token_lifetime=LIFETIME, clock=clock
        )

    def published(self) -> set[str]:
        return {key["kid"] for key in self.ring.jwks()["keys"]}

    async def states(self) -> dict[str, str]:
        return {life.key.kid: life.key.state for life in await self.rotation.lives()}


@pytest.fixture
def database_url(make_database: Callable[..., str]) -> str:
    """Where no service has ever started."""
    return make_database(MIGRATIONS)


@pytest.fixture
async def replica(database: Database, clock: Clock) -> Replica:
    made = Replica(database, master_key(), clock)
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
        assert sorted((await replica.states()).values()) == ["active", "next", "retired"]
        seen.append(replica.ring.active.kid)
    assert len(set(seen)) == 4


async def test_a_token_outlives_its_key_s_signing_even_if_a_replica_learns_of_it_late(
    replica: Replica, database: Database, clock: Clock
) -> None:
    late = Replica(database, master_key(), clock)
    await late.ring.load()
    await replica.rotation.rotate(uuid4())
    clock.advance(seconds=60)  # the longest reload interval
    lifetime = int(LIFETIME.total_seconds())
    tokens = AccessTokens(late.ring, issuer="http://issuer", lifetime=lifetime, clock=lambda: clock().timestamp())
    token = tokens.issue("somebody", client_id="", scope="")
    kid = jwt.get_unverified_header(token)["kid"]
    assert kid != replica.ring.active.kid
    clock.advance(seconds=lifetime + LEEWAY.total_seconds())  # the last moment that a verifier takes it
    await replica.rotation.tend()
    keys = jwt.PyJWKSet.from_dict(dict(replica.ring.jwks()))
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(token, keys[kid], algorithms=["RS256"], audience=AUDIENCE, options=options)


async def test_a_retired_key_goes_when_all_it_signed_has_expired(replica: Replica, clock: Clock) -> None:
    old = replica.ring.active.kid
    await replica.rotation.rotate(uuid4())
    (gone_at,) = (life.gone_at for life in await replica.rotation.lives() if life.key.kid == old)
    assert gone_at == clock.now + LIFETIME + REPLICAS_AGREE_AFTER
    clock.now = gone_at - timedelta(seconds=1)
    await replica.rotation.tend()
    assert old in replica.published()
    clock.now = gone_at
    await replica.rotation.tend()
    assert old not in replica.published()
    assert old not in await replica.states()


async def test_a_replica_learns_what_another_one_did(replica: Replica, database: Database, clock: Clock) -> None:
    other = Replica(database, master_key(), clock)
    await other.ring.load()
    await replica.rotation.rotate(uuid4())
    assert other.ring.active.kid in replica.published()  # what it still signs with is good
    await other.rotation.tend()
    assert other.ring.active.kid == replica.ring.active.kid
    assert other.published() == replica.published()


async def test_replicas_that_all_tend_at_once_do_it_once(replica: Replica, database: Database, clock: Clock) -> None:
    others = [Replica(database, master_key(), clock) for _ in range(4)]
    for other in others:
        await other.ring.load()
    clock.advance(days=31)
    await asyncio.gather(*(one.rotation.tend() for one in [replica, *others]))
    states = list((await replica.states()).values())
    assert sorted(states) == ["active", "next", "retired"]


async def test_in_an_emergency_all_keys_are_replaced(replica: Replica) -> None:
    old = replica.published()
    await replica.rotation.replace_all(uuid4())
    assert not old & replica.published()
    assert sorted((await replica.states()).values()) == ["active", "next"]


async def test_a_decision_waits_for_the_one_that_another_replica_is_making(
    replica: Replica, database: Database
) -> None:
    waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    async with database.begin() as tx, asyncio.timeout(20):
        await repository.lock(tx)
        rotating = asyncio.create_task(replica.rotation.rotate(uuid4()))
        while not (await tx.execute(waiting)).scalar_one():
            pass
        (following,) = replica.published() - {replica.ring.active.kid}
        await repository.activate(tx, following, datetime(2026, 1, 1, tzinfo=UTC))
        await repository.add(tx, await replica.ring.make(), "next", datetime(2026, 1, 1, 0, 1, tzinfo=UTC))
    await rotating
    assert replica.ring.active.kid == following
    assert sorted((await replica.states()).values()) == ["active", "next", "retired"]


async def test_replicas_that_start_at_once_on_an_empty_database_agree(database: Database, clock: Clock) -> None:
    replicas = [Replica(database, master_key(), clock) for _ in range(5)]
    await asyncio.gather(*(one.ring.load() for one in replicas))
    assert len({one.ring.active.kid for one in replicas}) == 1
    assert sorted((await replicas[0].states()).values()) == ["active", "next"]


async def test_a_database_without_a_next_key_gets_one_and_waits_for_it(
    replica: Replica, database: Database, clock: Clock
) -> None:
    active = replica.ring.active.kid
    async with database.begin() as tx:
        await tx.execute(text("delete from auth.signing_keys where state = 'next'"))
    clock.advance(days=31)
    await replica.rotation.rotate(uuid4())
    assert replica.ring.active.kid == active
    clock.advance(seconds=READY_AFTER.total_seconds())
    await replica.rotation.tend()
    assert replica.ring.active.kid != active


async def test_an_answer_that_arrives_late_replaces_no_newer_one(
    replica: Replica, database_url: str, clock: Clock
) -> None:
    class Slow(Database):
        """Its first reader has read, but does not know it yet."""

        def __init__(self, url: str) -> None:
            super().__init__(url)
            self.first_has_read, self.let_go = asyncio.Event(), asyncio.Event()

        @asynccontextmanager
        async def reading(self) -> AsyncIterator[AsyncConnection]:
            async with super().reading() as connection:
                yield connection
            if not self.first_has_read.is_set():
                self.first_has_read.set()
                await self.let_go.wait()

    slow = Slow(database_url)
    async with slow.begin(), slow.begin():
        pass  # two connections are open from here on, so that neither load is slowed by making one
    ring = KeyRing(slow, master_key(), clock=clock)
    first = asyncio.create_task(ring.load())
    await slow.first_has_read.wait()
    await replica.rotation.rotate(uuid4())
    second = asyncio.create_task(ring.load())
    async with database_is_idle(slow):
        slow.let_go.set()
    await asyncio.gather(first, second)
    assert ring.active.kid == replica.ring.active.kid
    await slow.aclose()


@asynccontextmanager
async def database_is_idle(database: Database) -> AsyncIterator[None]:
    """By then whatever could go on without waiting for somebody else has done so."""
    for _ in range(10):
        await database.ping()
    yield


async def test_a_key_that_this_replica_cannot_open_does_not_become_active(
    replica: Replica, database: Database, clock: Clock
) -> None:
    active = replica.ring.active.kid
    async with database.begin() as tx:
        foreign = master_key(b"x").seal(b"", "kid")
        await tx.execute(
            text("update auth.signing_keys set sealed_private_key = :s where state = 'next'"), {"s": foreign}
        )
    clock.advance(days=31)
    fresh = Replica(database, master_key(), clock)
    for refused in (fresh.rotation.tend(), fresh.rotation.rotate(uuid4())):
        with pytest.raises(WrongMasterKey):
            await refused
    assert (await replica.states())[active] == "active"
    with pytest.raises(WrongMasterKey):
        await fresh.ring.load()


async def test_the_audit_trail_tells_every_step_and_who_took_it(
    replica: Replica, database: Database, clock: Clock
) -> None:
    old, actor = replica.ring.active.kid, uuid4()
    await replica.rotation.rotate(actor)
    clock.advance(hours=1)
    await replica.rotation.tend()
    async with database.reading() as connection:
        events = await audit.listed(connection, before=None, limit=100)
    told = [(event.event, event.actor_id, event.details.get("kid")) for event in reversed(events)]
    (following,) = replica.published() - {replica.ring.active.kid}
    assert told[-5:] == [
        ("key.rotation_requested", actor, None),
        ("key.retired", actor, old),
        ("key.activated", actor, replica.ring.active.kid),
        ("key.created", actor, following),
        ("key.removed", None, old),
    ]


async def test_an_outage_of_the_database_is_survived(replica: Replica, database_url: str, clock: Clock) -> None:
    active = replica.ring.active.kid
    administrator = await asyncpg.connect(database_url, database="postgres")
    name = f'"{urlsplit(database_url).path[1:]}"'
    with capture_logs() as logs:
        async with (
            Notifications(database_url, CHANNEL) as notifications,
            tending(replica.rotation, notifications, every=0.01),
        ):
            await administrator.execute(f"alter database {name} allow_connections false")
            await administrator.execute(
                f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name[1:-1]}'"
            )
            async with asyncio.timeout(20):
                while not any(told["event"] == "signing_keys.not_tended" for told in logs):
                    await administrator.execute("select 1")
                assert replica.ring.active.kid == active
                clock.advance(days=31)
                await administrator.execute(f"alter database {name} allow_connections true")
                while replica.ring.active.kid == active:
                    await administrator.execute("select 1")
    await administrator.close()
