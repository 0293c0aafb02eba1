"""A thousand who listen: how late they hear of what happens, that they hear all of it, and what each costs."""

import asyncio
import re
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from uuid import uuid4

import httpx2
import psutil
from app_client import App
from bench.report import Figure, number
from replicas import Replica
from stack import Stack

_LISTENERS = 1000
_PER_SECOND, _SECONDS = 100, 10
_ALL_READ_BY = 50  # of them: the others only count, or there would be nothing but counting on this machine
_TOLD = re.compile(rb'\{"id":"(\d+)","type":"file.updated","time":"([^"]+)"')
_MARK = b'"type":"file.updated"'


class _Client(asyncio.Protocol):
    """Counts what it hears; those that `read` all also look at when each event happened, and whether it is the next."""

    def __init__(self, head: bytes, *, reads: bool) -> None:
        self.heard = 0
        self.late: list[float] = []
        self.last = 0
        self.accepted = asyncio.get_running_loop().create_future()
        self._head, self._reads, self._rest = head, reads, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._head)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.time()
        if not self.accepted.done():
            head, _, data = data.partition(b"\r\n\r\n")
            self.accepted.set_result(head)
        data = self._rest + data
        if self._reads:
            self._rest = self._read(data, now)
        else:
            self.heard += data.count(_MARK)
            self._rest = data[1 - len(_MARK) :]

    def _read(self, data: bytes, now: float) -> bytes:
        end = 0
        for one in _TOLD.finditer(data):
            assert not self.last or int(one[1]) == self.last + 1, "out of order"
            self.heard, self.last, end = self.heard + 1, int(one[1]), one.end()
            self.late.append(now - datetime.fromisoformat(one[2].decode()).timestamp())
        return data[end:]


def listeners(stack: Stack) -> list[Figure]:
    with ExitStack() as running:
        service = Replica(stack, "file_service", STRONGROOM_MAX_LISTENERS_EACH=str(_LISTENERS))
        running.callback(service.stop)
        service.start()
        gateway = Replica(stack, "gateway", STRONGROOM_FILES_URL=service.origin)
        running.callback(gateway.stop)
        gateway.start()
        apps = [running.enter_context(App(stack.url)) for _ in range(10)]
        for app in apps:
            app.sign_up()
        return asyncio.run(_all(service, gateway, apps))


async def _all(service: Replica, gateway: Replica, apps: Sequence[App]) -> list[Figure]:
    few, each = f"{_LISTENERS:,} listeners, {_PER_SECOND} events/s", "p99 of how late it is"
    await _happen(service.origin, apps, seconds=1)  # what a process does for the first time takes it longer
    costs, late = await _heard(service, service.origin, apps)
    figures = [
        Figure(f"{few}, each to a tenth of them: {each}", 1000 * late, "ms", 200, floor=False),
        Figure("memory of the file service for each listener", costs, "KiB", 100, floor=False),
    ]
    _, late = await _heard(service, service.origin, apps[:1])
    figures.append(Figure(f"{few}, each to all of them: {each}", 1000 * late, "ms", 200, floor=False))
    _, late = await _heard(service, gateway.origin, apps)
    figures.append(Figure(f"{few}, each to a tenth of them, through the gateway: {each}", 1000 * late, "ms"))
    _, late = await _heard(service, gateway.origin, apps[:1])
    figures.append(Figure(f"{few}, each to all of them, through the gateway: {each}", 1000 * late, "ms"))
    return figures


async def _heard(service: Replica, origin: str, apps: Sequence[App]) -> tuple[float, float]:
    """KiB for each, and the 99th percentile in seconds. Everybody has heard everything, in order."""
    process = psutil.Process(service.process.pid)
    before = process.memory_info().rss
    clients = [await _connected(origin, apps[number % len(apps)], number) for number in range(_LISTENERS)]
    await asyncio.gather(*(client.accepted for client in clients))
    costs = (process.memory_info().rss - before) / 1024 / _LISTENERS
    wanted = await _happen(service.origin, apps)
    until = time.monotonic() + 30
    while any(client.heard < wanted[place % len(apps)] for place, client in enumerate(clients)):
        assert time.monotonic() < until, f"{number(sum(client.heard for client in clients))} were heard"
        await asyncio.sleep(0.05)
    for client in clients:
        client.transport.abort()
    assert [client.heard for client in clients] == [wanted[place % len(apps)] for place in range(_LISTENERS)]
    late = sorted(one for client in clients for one in client.late)
    return costs, late[int(len(late) * 0.99)]


async def _connected(origin: str, app: App, place: int) -> _Client:
    at = httpx2.URL(origin)
    head = (
        "GET /files/events?type=file.updated HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {app.tokens['access_token']}\r\n\r\n"
    )
    client = _Client(head.encode(), reads=place < _ALL_READ_BY)
    await asyncio.get_running_loop().create_connection(lambda: client, at.host, at.port or 80)
    assert (await client.accepted).startswith(b"HTTP/1.1 101")
    return client


async def _happen(origin: str, apps: Sequence[App], *, seconds: int = _SECONDS) -> list[int]:
    """How many events each account had. A change may be refused as one too many at once, and is none then."""
    async with httpx2.AsyncClient(base_url=origin, trust_env=False, timeout=30) as http:
        files = []
        for app in apps:
            headers = {"Authorization": f"Bearer {app.tokens['access_token']}"}
            made = await http.put(f"/files/raw/{uuid4()}", content=b"", headers=headers)  # new each time: no update
            files.append((made.json()["id"], headers))
        began, asked = time.monotonic(), []
        for count in range(_PER_SECOND * seconds):
            file, headers = files[count % len(files)]
            change = http.patch(f"/files/{file}", json={"metadata": {"count": time.time()}}, headers=headers)
            asked.append(asyncio.ensure_future(change))
            await asyncio.sleep(max(0.0, began + (count + 1) / _PER_SECOND - time.monotonic()))
        answers = await asyncio.gather(*asked)
    done = [answer.status_code == httpx2.codes.OK for answer in answers]
    assert sum(done) > len(done) * 0.9, f"only {sum(done)} of {len(done)} changes were made"
    return [sum(done[place :: len(apps)]) for place in range(len(apps))]
