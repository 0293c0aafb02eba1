"""Whatever breaks at whatever step: a tree is as before or as after, an answered success is true, no bytes leak."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from faults import CuttingProxy, FaultyStore, Moment
from file_client import FileClient
from leftovers import Leftovers
from plain_settings import plain
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp, Receive, Scope, Send

from file_service.app import create_app
from file_service.integrity.metrics import IntegrityMetrics
from file_service.integrity.sweep import Sweep
from file_service.settings import FileSettings
from file_service.storage.minio_object_store import MinioObjectStore
from strongroom.database import Database

pytestmark = pytest.mark.heavy

Serve = Callable[[ASGIApp], Awaitable[str]]
Step = Callable[[FileClient, str], Awaitable[httpx2.Response]]
State = list[tuple[str, int, str, bool]]

STEPS: dict[str, Step] = {
    "upload": lambda client, _: client.upload(b"new", "new"),
    "several": lambda client, _: client.upload_several(("new", b"new"), ("other", b"other")),
    "version": lambda client, _: client.put("a/old", b"newer"),
    "large": lambda client, _: client.put("new", _chunked(9 * 1024 * 1024)),
    "content": lambda client, file: client.put(file, b"newer", "/files/content/"),
    "copy": lambda client, file: client.post(f"/files/{file}/copy", {"path": "copy"}),
    "restore": lambda client, file: client.post(f"/files/{file}/restore", {"version": 1}),
    "trash": lambda client, file: client.delete(f"/files/{file}"),
    "remove": lambda client, file: client.delete(f"/files/{file}", permanent=True),
    "move": lambda client, _: client.post("/files/folders/move", {"source": "a", "destination": "b"}),
    "remove folder": lambda client, _: client.delete("/files/folders/a", permanent=True),
}


async def _chunked(size: int) -> Any:
    for _ in range(size // 65536):
        yield bytes(65536)


async def prepared(client: FileClient) -> str:
    """The same for every account: a file with two versions."""
    file = (await client.put("a/old", b"one")).json()["id"]
    await client.put("a/old", b"old")
    return str(file)


async def state(client: FileClient) -> State:
    """What the account sees, in words that do not depend on whose it is."""
    found: State = []
    for trashed in (False, True):
        answer = await client.get("/files", trashed=trashed, limit=100)
        assert answer.status_code == 200, answer.text
        found += [(one["path"], one["version"], one["sha256"], trashed) for one in answer.json()["items"]]
    return sorted(found)


async def check(observer: FileClient, answer: httpx2.Response | None, old: State, new: State) -> None:
    seen = await state(observer)
    if answer is not None and answer.status_code < 400:
        assert seen == new
    else:
        assert seen in (old, new)
    usage = await observer.usage()
    versions = 0
    for trashed in (False, True):
        for file in (await observer.get("/files", trashed=trashed, limit=100)).json()["items"]:
            if not trashed:
                listed = (await observer.get(f"/files/{file['id']}/versions", limit=100)).json()["items"]
                versions += sum(one["size"] for one in listed)
                for one in listed:
                    got = await observer.get(f"/files/{file['id']}/download", version=one["version"])
                    assert len(got.content) == one["size"]
            else:
                versions = usage[0]
    assert usage == (versions, len(seen))


@pytest.fixture
def swept(database: Database, store: MinioObjectStore) -> Callable[[], Awaitable[None]]:
    """A sweep as it will be once the time of grace is over."""

    def tomorrow() -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    metrics = IntegrityMetrics(CollectorRegistry())
    return Sweep(database, store, metrics, grace=timedelta(hours=1), every=timedelta(0), clock=tomorrow).turn


@pytest.fixture
def wanted(client_of: Callable[..., FileClient]) -> Callable[[Step], Awaitable[tuple[State, State]]]:
    """What the tree is before and after a step that nothing disturbs."""

    async def undisturbed(step: Step) -> tuple[State, State]:
        client = client_of()
        file = await prepared(client)
        old = await state(client)
        answer = await step(client, file)
        assert answer.status_code < 400, answer.text
        return old, await state(client)

    return undisturbed


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("moment", ["before", "during", "after"])
async def test_a_store_that_fails_at_any_call(
    name: str,
    moment: Moment,
    settings: FileSettings,
    serve: Serve,
    http: httpx2.AsyncClient,
    client_of: Callable[..., FileClient],
    wanted: Callable[[Step], Awaitable[tuple[State, State]]],
    swept: Callable[[], Awaitable[None]],
    leftovers: Leftovers,
) -> None:
    old, new = await wanted(STEPS[name])
    for at in range(1, 10):
        observer = client_of()
        file = await prepared(observer)
        faulty = FaultyStore(at, moment)
        client = FileClient(http, await serve(create_app(settings, around_store=faulty.around)), observer.token)
        answer = await STEPS[name](client, file)
        assert answer.status_code in {200, 201, 204, 503}
        await leftovers.freed()
        await check(observer, answer, old, new)
        if not faulty.has_failed:
            break
    else:
        pytest.fail("it never came to an end")
    await swept()
    assert leftovers.objects() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("after", [False, True])
async def test_a_database_that_goes_at_any_word(
    name: str,
    after: bool,
    settings: FileSettings,
    serve: Serve,
    http: httpx2.AsyncClient,
    client_of: Callable[..., FileClient],
    wanted: Callable[[Step], Awaitable[tuple[State, State]]],
    swept: Callable[[], Awaitable[None]],
    leftovers: Leftovers,
) -> None:
    old, new = await wanted(STEPS[name])
    proxy = CuttingProxy(settings.database_url.get_secret_value())
    async with proxy.running() as dsn:
        through = FileSettings.model_validate({**plain(settings), "database_url": dsn})
        origin = await serve(create_app(through))
        for at in range(1, 60):
            observer = client_of()
            file = await prepared(observer)
            proxy.arm(at, after=after)
            answer = await STEPS[name](FileClient(http, origin, observer.token), file)
            cut = proxy.disarm()
            assert answer.status_code in {200, 201, 204, 503}
            await check(observer, answer, old, new)
            if not cut:
                break
        # Before the proxy goes: a worker whose connection was cut comes back through it.
        await leftovers.freed()
    await swept()
    assert leftovers.objects() == await leftovers.rows()


@pytest.mark.parametrize("name", ["copy", "restore", "trash", "remove", "move", "remove folder"])
async def test_a_client_that_does_not_wait_for_the_answer(
    name: str,
    settings: FileSettings,
    serve: Serve,
    client_of: Callable[..., FileClient],
    wanted: Callable[[Step], Awaitable[tuple[State, State]]],
    swept: Callable[[], Awaitable[None]],
    leftovers: Leftovers,
) -> None:
    old, new = await wanted(STEPS[name])
    busy = InHand(create_app(settings))
    origin = await serve(busy)
    for delay in range(0, 40, 4):
        client = client_of()
        file = await prepared(client)
        requests = {
            "copy": ("POST", f"/files/{file}/copy", '{"path": "copy"}'),
            "restore": ("POST", f"/files/{file}/restore", '{"version": 1}'),
            "trash": ("DELETE", f"/files/{file}", ""),
            "remove": ("DELETE", f"/files/{file}?permanent=true", ""),
            "move": ("POST", "/files/folders/move", '{"source": "a", "destination": "b"}'),
            "remove folder": ("DELETE", "/files/folders/a?permanent=true", ""),
        }
        await _hang_up(origin, client, *requests[name], turns=delay)
        await busy.over(delay // 4 + 1)
        await check(client, None, old, new)
    await leftovers.freed()
    await swept()
    assert leftovers.objects() == await leftovers.rows()


class InHand:
    """Tells when every request that has begun is over."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._begun = 0
        self._over = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts = scope["type"] == "http"
        self._begun += counts
        try:
            await self._app(scope, receive, send)
        finally:
            self._over += counts

    async def over(self, count: int) -> None:
        """Returns when so many have begun, and all of them are over."""
        async with asyncio.timeout(20):
            while not self._begun == self._over == count:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)


async def _hang_up(origin: str, client: FileClient, method: str, target: str, body: str, *, turns: int) -> None:
    """Sends a whole request and closes the connection some turns of the loop later."""
    address = urlsplit(origin)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )
    await writer.drain()
    for _ in range(turns):
        await asyncio.sleep(0)
    writer.close()  # not aborted, which could take the request back too
