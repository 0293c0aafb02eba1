"""The feed of revocations: complete, in order, at once on every replica, and no way to exhaust the service."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from auth_client import PASSWORD, AuthClient
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.revocations import repository, routes
from auth_service.revocations.repository import CHANNEL
from auth_service.revocations.service import START, Revocations
from auth_service.settings import AuthSettings
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.database.notifications import Notifications
from strongroom.errors import RevokedToken
from strongroom.testing import TestIssuer
from strongroom.web.app import build_app
from strongroom.web.parts import part, provide

KEEP = timedelta(minutes=17)

Serve = Callable[[ASGIApp], Awaitable[str]]


class Feed:
    """One replica of nothing but the feed, with two connections to the database and the one that listens."""

    def __init__(self, url: str, *, most_waiting: int = 100) -> None:
        self._url = url
        self._most = most_waiting
        self.app = build_app("Feed", lifespan=self._lifespan, routers=[routes.router], body_limit=1000)
        self.origin = ""

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        database = Database(self._url, pool_size=2)
        async with Notifications(self._url, CHANNEL) as notifications:
            provide(app, Revocations(database, notifications, most_waiting=self._most))
            yield
        await database.aclose()

    async def waiting(self, number: int) -> None:
        """Returns once so many requests wait."""
        places = part(self.app, Revocations)._places
        async with asyncio.timeout(20):
            while self._most - places._value != number:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.005)


@pytest.fixture
async def feed(database_url: str, serve: Serve) -> Feed:
    made = Feed(database_url)
    made.origin = await serve(made.app)
    return made


@pytest.fixture
def ask(feed: Feed, http: httpx2.AsyncClient) -> Callable[..., Coroutine[Any, Any, httpx2.Response]]:
    async def asking(after: object = 0, wait: object = 0, origin: str | None = None, **more: str) -> httpx2.Response:
        params = {"after": str(after), "wait": str(wait), **more}
        return await http.get(f"{origin or feed.origin}/auth/revocations", params=params)

    return asking


Ask = Callable[..., Coroutine[Any, Any, httpx2.Response]]


@pytest.fixture
def revoke(database: Database) -> Callable[..., Awaitable[list[str]]]:
    async def revoking(count: int = 1, kind: str = "session", keep: timedelta = KEEP) -> list[str]:
        ids = [str(uuid4()) for _ in range(count)]
        async with database.begin() as tx:
            await repository.add(tx, kind, ids, datetime.now(UTC), keep)
        return ids

    return revoking


Revoke = Callable[..., Awaitable[list[str]]]


def ids(answer: httpx2.Response) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


async def test_it_tells_ids_and_times_in_order_and_nothing_else(ask: Ask, revoke: Revoke) -> None:
    before = time.time()
    sessions, subjects = await revoke(2), await revoke(1, "subject")
    answer = await ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert ids(answer) == sessions + subjects
    assert [item["kind"] for item in answer.json()["items"]] == ["session", "session", "subject"]
    for item in answer.json()["items"]:
        assert set(item) == {"kind", "id", "revoked_at", "expires_at"}
        assert before <= item["revoked_at"] <= time.time()
        assert item["expires_at"] - item["revoked_at"] == pytest.approx(KEEP.total_seconds(), abs=0.001)


async def test_a_follower_gets_each_once_a_thousand_at_a_time(ask: Ask, revoke: Revoke) -> None:
    revoked = await revoke(2500)
    seen: list[str] = []
    document = {"next": 0, "more": True}
    sizes = []
    while document["more"]:
        answer = await ask(document["next"])
        document = answer.json()
        sizes.append(len(document["items"]))
        seen += ids(answer)
    assert sizes == [1000, 1000, 500]
    assert seen == revoked
    assert ids(await ask(document["next"])) == []


async def test_nothing_new_is_answered_after_the_wait_with_the_same_position(ask: Ask, revoke: Revoke) -> None:
    await revoke()
    first = (await ask()).json()
    started = time.monotonic()
    answer = await ask(first["next"], 0.3, mark=first["mark"])
    assert time.monotonic() - started >= 0.3
    assert answer.json() == {"items": [], "next": first["next"], "mark": first["mark"], "more": False, "reset": False}


async def test_a_poll_at_one_replica_is_woken_by_what_another_commits(
    feed: Feed, ask: Ask, revoke: Revoke, database_url: str, serve: Serve
) -> None:
    other = Feed(database_url)
    other.origin = await serve(other.app)
    polls = [asyncio.create_task(ask(0, 20, origin)) for origin in (feed.origin, other.origin) for _ in range(5)]
    await feed.waiting(5)
    await other.waiting(5)
    started = time.monotonic()
    revoked = await revoke()  # over a connection that belongs to neither
    answers = await asyncio.gather(*polls)
    assert time.monotonic() - started < 10
    assert [ids(answer) for answer in answers] == [revoked] * 10


async def test_what_is_not_committed_wakes_nobody_and_is_not_told(feed: Feed, ask: Ask, database: Database) -> None:
    poll = asyncio.create_task(ask(0, 20))
    await feed.waiting(1)
    async with database.begin() as tx:
        await repository.add(tx, "session", ["undone"], datetime.now(UTC), KEEP)
        assert ids(await ask()) == []
        await tx.rollback()
    async with database.begin() as tx:
        await repository.add(tx, "session", ["done"], datetime.now(UTC), KEEP)
    assert ids(await poll) == ["done"]


async def test_what_is_committed_between_reading_and_waiting_ends_the_poll(database_url: str, revoke: Revoke) -> None:
    class Interrupted(Database):
        """After its first read something is revoked, and the notification of it has arrived."""

        revoked: list[str] | None = None

        @asynccontextmanager
        async def reading(self) -> AsyncIterator[AsyncConnection]:
            async with super().reading() as connection:
                yield connection
            if self.revoked is None:
                upcoming = notifications.upcoming(CHANNEL)
                self.revoked = await revoke()
                await upcoming.wait()

    database = Interrupted(database_url)
    async with Notifications(database_url, CHANNEL) as notifications:
        await notifications.upcoming(CHANNEL).wait()  # that it listens
        async with asyncio.timeout(20):
            page = await Revocations(database, notifications).after(START, 20)
    assert [item.revoked for item in page.items] == database.revoked
    await database.aclose()


async def end_listening(database: Database) -> int:
    """How many connections that listened were ended."""
    ending = text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and query = 'select 1'"
    )
    async with database.begin() as tx:
        return len((await tx.execute(ending)).all())


async def test_a_broken_listening_connection_costs_no_revocation(
    feed: Feed, ask: Ask, revoke: Revoke, database: Database
) -> None:
    poll = asyncio.create_task(ask(0, 20))
    await feed.waiting(1)
    async with asyncio.timeout(20):
        while await end_listening(database) == 0:
            pass  # it has not begun
    revoked = await revoke()
    async with asyncio.timeout(8):
        assert ids(await poll) == revoked


@pytest.mark.parametrize(
    "parameters",
    [
        {"after": -1},
        {"after": 2**63},
        {"after": "x"},
        {"wait": -1},
        {"wait": 31},
        {"wait": "nan"},
        {"mark": "x" * 41},
    ],
)
async def test_parameters_out_of_bounds_are_refused(ask: Ask, parameters: dict[str, object]) -> None:
    assert (await ask(**parameters)).status_code == 422


async def test_a_number_from_the_future_starts_again_at_once(ask: Ask, revoke: Revoke) -> None:
    assert (await ask(5, 20)).json() == {"items": [], "next": 0, "mark": None, "more": False, "reset": True}
    revoked = await revoke(3)
    answer = await ask(2**62, 20)
    assert answer.json()["reset"]
    assert ids(answer) == revoked


async def test_a_number_that_a_restored_database_gave_again_is_noticed(
    ask: Ask, revoke: Revoke, database: Database
) -> None:
    await revoke(5)
    seen = (await ask()).json()
    async with database.begin() as tx:  # back to a backup of before, and on from there
        await tx.execute(text("truncate auth.revocations"))
        await tx.execute(text("alter sequence auth.revocation_numbers restart"))
    revoked = await revoke(7)
    answer = await ask(seen["next"], 20, mark=seen["mark"])
    assert answer.json()["reset"]
    assert ids(answer) == revoked


async def test_no_more_than_so_many_wait_and_the_next_are_answered_at_once(
    database_url: str, serve: Serve, ask: Ask
) -> None:
    narrow = Feed(database_url, most_waiting=3)
    narrow.origin = await serve(narrow.app)
    polls = [asyncio.create_task(ask(0, 20, narrow.origin)) for _ in range(3)]
    await narrow.waiting(3)
    async with asyncio.timeout(8):
        assert ids(await ask(0, 20, narrow.origin)) == []
    polls.pop().cancel()  # a client that goes away leaves its place at once
    await narrow.waiting(2)
    for poll in polls:
        poll.cancel()
    await narrow.waiting(0)


async def test_polls_that_wait_hold_no_database_connection(
    feed: Feed, ask: Ask, revoke: Revoke, database: Database
) -> None:
    polls = [asyncio.create_task(ask(0, 20)) for _ in range(60)]
    await feed.waiting(60)
    async with database.reading() as connection:
        query = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        assert (await connection.execute(text(query))).scalar_one() <= 3  # a pool of two, and the listener
    revoked = await revoke()
    assert [ids(answer) for answer in await asyncio.gather(*polls)] == [revoked] * 60


async def test_what_has_expired_is_not_told_and_goes_but_its_number_does_not_come_back(
    ask: Ask, revoke: Revoke, database: Database, database_url: str
) -> None:
    await revoke(3, keep=timedelta(seconds=-1))
    alive = await revoke(1)
    await revoke(2, keep=timedelta(seconds=-1))
    newest = (await ask()).json()
    assert ids(await ask()) == alive
    now = datetime.now(UTC)
    async with Notifications(database_url, CHANNEL) as notifications:
        for later, left in ((timedelta(), 6), (timedelta(minutes=11), 2), (timedelta(hours=1), 1)):
            await Revocations(database, notifications, clock=lambda: now + later).prune()  # noqa: B023 - used up here
            async with database.reading() as connection:
                count = (await connection.execute(text("select count(*) from auth.revocations"))).scalar_one()
            assert count == left
    revoked = await revoke()
    answer = await ask(newest["next"] + 2)
    assert ids(answer) == revoked
    assert not answer.json()["reset"]


async def test_however_many_revoke_at_once_a_follower_misses_none(database: Database, database_url: str) -> None:
    writers, rounds = 12, 25
    committed: list[str] = []
    done = False

    async def write(number: int) -> None:
        for turn in range(rounds):
            mine = [f"{number}.{turn}.{part}" for part in range(1 + turn % 3)]
            async with writing.begin() as tx:
                await repository.add(tx, "token", mine, datetime.now(UTC), KEEP)
                # Held open for a while after the numbers were taken, as a slow commit would.
                await tx.execute(text("select pg_sleep(random() * 0.004)"))
                if (number + turn) % 7 == 0:
                    await tx.rollback()
                    continue
            committed.extend(mine)

    async def follow(revocations: Revocations, wait: float) -> list[str]:
        seen: list[str] = []
        position = START
        while True:
            last_round = done
            page = await revocations.after(position, wait)
            assert not page.reset
            seen += [item.revoked for item in page.items]
            position = page.next
            if last_round and not page.items:
                return seen

    writing = Database(database_url, pool_size=writers)
    async with Notifications(database_url, CHANNEL) as notifications:
        revocations = Revocations(database, notifications)
        followers = [asyncio.create_task(follow(revocations, wait)) for wait in (0, 0, 0.2)]
        await asyncio.gather(*(write(number) for number in range(writers)))
        done = True
        for seen in await asyncio.gather(*followers):
            assert len(seen) == len(set(seen))
            assert set(seen) == set(committed)
    await writing.aclose()


async def test_whoever_revokes_first_may_still_lock_what_another_holds(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(text("create table shared_row as select 1 as value"))
    lock = text("update shared_row set value = value + 1")

    async def late() -> None:
        async with database.begin() as tx:
            await repository.add(tx, "session", ["late"], datetime.now(UTC), KEEP)
            revoked.set()
            await tx.execute(lock)

    revoked = asyncio.Event()
    async with database.begin() as tx:
        await tx.execute(lock)
        waiting = asyncio.create_task(late())
        await revoked.wait()
        await repository.add(tx, "session", ["early"], datetime.now(UTC), KEEP)
    await waiting
    async with database.reading() as connection:
        found = await repository.beginning_at(connection, 0, datetime.now(UTC), 10)
    assert [one.revoked for one in found] == ["early", "late"]


async def test_a_verifier_elsewhere_refuses_at_once_and_after_its_restart(feed: Feed, database: Database) -> None:
    issuer = TestIssuer()

    def verifier() -> TokenVerifier:
        return TokenVerifier(
            issuer.url, http=_FeedFrom(feed.origin, issuer), revocations_url=f"{feed.origin}/auth/revocations"
        )

    token = issuer.token(sid="s1")
    async with verifier() as first:
        await first.verify(token)
        async with database.begin() as tx:
            await repository.add(tx, "session", ["s1"], datetime.now(UTC), KEEP)
        async with asyncio.timeout(8):
            await refused(first, token)
    async with verifier() as restarted:
        with pytest.raises(RevokedToken):
            await restarted.verify(token)


class _FeedFrom(httpx2.AsyncClient):
    """Keys from the issuer in memory, the feed from a real address."""

    def __init__(self, origin: str, issuer: TestIssuer) -> None:
        super().__init__(mounts={"all://issuer.test": httpx2.MockTransport(issuer.answer)}, trust_env=False)


async def refused(verifier: TokenVerifier, token: str) -> None:
    """Returns once the token is refused."""
    while True:
        try:
            await verifier.verify(token)
        except RevokedToken:
            return
        await asyncio.sleep(0.01)


async def test_the_service_itself_refuses_what_any_replica_revoked(
    auth: AuthClient, settings: AuthSettings, serve: Serve, http: httpx2.AsyncClient
) -> None:
    other = AuthClient(http, await serve(create_app(settings)))
    subject = (await auth.register()).json()["id"]
    token = await auth.access_token(username="ada@example.com", password=PASSWORD)
    for replica in (auth, other):
        assert (await replica.get("/auth/profile", token)).status_code == 200
    database = Database(settings.database_url.get_secret_value())
    async with database.begin() as tx:
        await repository.add(tx, "subject", [subject], datetime.now(UTC), KEEP)
    await database.aclose()
    for replica in (auth, other):
        async with asyncio.timeout(8):
            while (answer := await replica.get("/auth/profile", token)).status_code == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert answer.status_code == 401
        assert answer.json()["type"] == "urn:problem-type:strongroom:revoked-token"
        assert "revoked" in answer.headers["www-authenticate"]
        assert (await replica.get("/readyz")).json()["checks"]["revocations"] == "ok"
