"""However connections are cut and replicas change, every client hears every event once, in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from event_client import blocks, listening, stream
from fastapi import FastAPI
from file_client import FileClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from file_service.events import routes
from file_service.events.audience import Audience
from file_service.events.feeds import Feeds
from file_service.settings import FileSettings
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.testing import TestIssuer
from strongroom.web.app import build_app
from strongroom.web.parts import provide

_FOLLOWERS = 4
Serve = Callable[[ASGIApp], Awaitable[str]]


@dataclass(frozen=True)
class Happen:
    times: int


@dataclass(frozen=True)
class Cut:
    """A client loses its connection, and finds another replica."""

    follower: int


@dataclass(frozen=True)
class Replace:
    """A replica is no more, and another stands in its place."""

    replica: int


STEPS = st.one_of(
    st.builds(Happen, st.integers(1, 12)),
    st.builds(Cut, st.integers(0, _FOLLOWERS - 1)),
    st.builds(Replace, st.integers(0, 1)),
)


class Follower:
    """Listens, and whenever it is cut off, again from where it was."""

    def __init__(self, origins: list[str], client: FileClient, number: int) -> None:
        self.seen: list[int] = []
        self._origins, self._client = origins, client
        self._number, self._tries = number, 0
        self._news = asyncio.Event()
        self._connected: asyncio.Task[None] | None = None
        self._following = asyncio.create_task(self._follow())

    @property
    def _replica(self) -> int:
        return (self._number // 2 + self._tries) % len(self._origins)

    def cut(self) -> None:
        if self._connected is not None:
            self._connected.cancel()

    def leave_if_at(self, replica: int) -> None:
        if self._replica == replica:
            self.cut()

    async def leave(self) -> None:
        self._following.cancel()
        self.cut()
        await asyncio.gather(self._following, return_exceptions=True)

    async def reach(self, last: int) -> None:
        while last and (not self.seen or self.seen[-1] < last):
            self._news.clear()
            await self._news.wait()

    async def _follow(self) -> None:
        while True:
            client = FileClient(self._client.http, self._origins[self._replica], self._client.token)
            self._connected = asyncio.create_task(self._listen(client, self.seen[-1] if self.seen else 0))
            await asyncio.wait([self._connected])
            self._tries += 1

    async def _listen(self, client: FileClient, after: int) -> None:
        if self._number % 2:
            async with stream(client, after=after) as answer:
                async for block in blocks(answer):
                    if "data" in block:
                        self._hear(block["data"])
        else:
            async with listening(client, after=after) as connection:
                async for message in connection:
                    self._hear(str(message))

    def _hear(self, message: str) -> None:
        self.seen.append(int(json.loads(message)["id"]))
        self._news.set()


def listening_only(settings: FileSettings) -> FastAPI:
    """A replica of what listeners need of the service, which starts at once."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(settings.database_url.get_secret_value())
        verifier = TokenVerifier(
            settings.public_url,
            jwks_url=f"{settings.auth_url}/.well-known/jwks.json",
            revocations_url=f"{settings.auth_url}/auth/revocations",
        )
        feeds = Feeds(database, settings.database_url.get_secret_value())
        async with verifier, feeds, Audience(feeds, verifier, most=100, most_each=100) as audience:
            provide(app, verifier, audience)
            yield
        await database.aclose()

    return build_app("events", lifespan=lifespan, routers=[routes.router], body_limit=0)


class World:
    def __init__(self, ada: FileClient, settings: FileSettings, serve: Serve, issuer: TestIssuer) -> None:
        self._ada, self._settings, self._serve, self._issuer = ada, settings, serve, issuer
        self._origins: list[str] = []

    async def play(self, steps: list[Happen | Cut | Replace]) -> None:
        """With another account each time, whose log begins anew."""
        while len(self._origins) < 2:
            self._origins.append(await self._serve(listening_only(self._settings)))
        client = FileClient(self._ada.http, self._ada.origin, self._issuer.token())
        followers = [Follower(self._origins, client, number) for number in range(_FOLLOWERS)]
        count = 0
        try:
            for step in steps:
                count += await self._take(step, followers, client, count)
            async with asyncio.timeout(30):
                await asyncio.gather(*(follower.reach(count) for follower in followers))
            assert [follower.seen for follower in followers] == [list(range(1, count + 1))] * _FOLLOWERS
        finally:
            await asyncio.gather(*(follower.leave() for follower in followers))

    async def _take(
        self, step: Happen | Cut | Replace, followers: list[Follower], client: FileClient, count: int
    ) -> int:
        match step:
            case Happen(times):
                for number in range(times):
                    assert (await client.upload(b"", path=f"{count + number}.bin")).status_code == 201
                return times
            case Cut(number):
                followers[number].cut()
            case Replace(replica):
                self._origins[replica] = await self._serve(listening_only(self._settings))
                for follower in followers:
                    follower.leave_if_at(replica)
        return 0


@pytest.fixture
def world(ada: FileClient, settings: FileSettings, serve: Serve, issuer: TestIssuer) -> World:
    return World(ada, settings, serve, issuer)


@given(st.lists(STEPS, min_size=1, max_size=12))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_nobody_misses_or_repeats_an_event(world: World, steps: list[Happen | Cut | Replace]) -> None:
    await world.play(steps)
