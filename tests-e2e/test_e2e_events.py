"""Events as clients hear them through the gateway: with two WebSocket libraries, over HTTP, and across replicas."""

import asyncio
import json
import socket
from typing import Any

import httpx2
import pytest
import websockets
from app_client import App
from autobahn_listener import autobahn
from replicas import Replica, replicas
from stack import Stack

MIB = 1 << 20


def listening(url: str, app: App, *, after: int | None = None, **more: Any) -> websockets.connect:
    address = f"{url.replace('http', 'ws', 1)}/files/events" + ("" if after is None else f"?after={after}")
    offered = [websockets.Subprotocol("strongroom.v1"), websockets.Subprotocol(f"bearer.{token(app)}")]
    return websockets.connect(address, subprotocols=offered, proxy=None, **more)


def token(app: App) -> str:
    return str(app.tokens["access_token"])


async def upload(app: App, path: str) -> None:
    await asyncio.to_thread(app.upload, b"", path)


async def test_websockets_hears_fragments_and_pings_are_fine_and_a_mebibyte_too(url: str, app: App) -> None:
    async with listening(url, app) as connection:
        assert connection.subprotocol == "strongroom.v1"
        await connection.send(["what a client says ", "in pieces ", "is not minded"])
        await connection.send(b"\x00" * MIB)
        async with asyncio.timeout(20):
            await (await connection.ping())
        await upload(app, "a.txt")
        event = json.loads(await connection.recv())
        assert (event["type"], event["data"]["path"]) == ("file.created", "a.txt")
        await connection.send(b"\x00" * (MIB + 1))
        await connection.wait_closed()
    assert connection.close_code == 1009


async def test_who_signs_out_hears_no_more(url: str, app: App) -> None:
    async with listening(url, app) as connection:
        await asyncio.to_thread(app.http.delete, "/auth/sessions")
        async with asyncio.timeout(20):
            await connection.wait_closed()
    assert (connection.close_code, connection.close_reason) == (4401, "token-ended")


async def test_autobahn_hears_the_same(url: str, app: App) -> None:
    async with asyncio.timeout(30):
        listener = await autobahn(url, token(app))
        listener.beginMessage(isBinary=False)
        for piece in (b"in ", b"pieces"):
            listener.sendMessageFrame(piece)
        listener.endMessage()
        listener.sendMessage(b"\x00" * MIB, isBinary=True)
        listener.sendPing(b"are you there")
        assert await listener.pongs.get() == b"are you there"
        await upload(app, "a.txt")
        assert (await listener.heard.get())["data"]["path"] == "a.txt"
        listener.sendClose(1000)
        assert (await listener.closed.get())[:2] == (True, 1000)


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_pages_of_other_origins_may_not_listen(url: str, app: App, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await listening(url, app, origin=websockets.Origin(origin))
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["type"].endswith(":foreign-origin")
    async with listening(url, app, origin=websockets.Origin(url)):
        pass  # our own pages may


async def test_half_a_connection_ends_on_both_sides_of_the_gateway(url: str, app: App) -> None:
    origin = httpx2.URL(url)
    raw = socket.create_connection((origin.host, origin.port), timeout=20)
    raw.sendall(
        b"GET /files/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Authorization: Bearer %b\r\n\r\n" % token(app).encode()
    )
    assert (await asyncio.to_thread(raw.recv, 4096)).startswith(b"HTTP/1.1 101")
    raw.shutdown(socket.SHUT_WR)
    while await asyncio.to_thread(raw.recv, 4096):
        pass
    raw.close()


async def test_over_http_it_comes_as_it_happens(url: str, app: App) -> None:
    headers = {"Authorization": f"Bearer {token(app)}"}
    async with (
        httpx2.AsyncClient(trust_env=False, timeout=20) as http,
        http.stream("GET", f"{url}/files/events", headers=headers) as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "id: 0"
        await upload(app, "a.txt")
        assert [await anext(lines) for _ in range(3)] == ["", "id: 1", "event: file.created"]


class Follower:
    """Comes again, by way of whichever replica the gateway chooses, from where it was."""

    def __init__(self, url: str, app: App) -> None:
        self.seen: list[int] = []
        self.connections = 0
        self._url, self._app = url, app

    async def follow(self, last: int) -> None:
        while not self.seen or self.seen[-1] < last:
            try:
                async with listening(self._url, self._app, after=self.seen[-1] if self.seen else 0) as connection:
                    self.connections += 1
                    while not self.seen or self.seen[-1] < last:
                        self.seen.append(int(json.loads(await connection.recv())["id"]))
            except (websockets.WebSocketException, OSError):
                continue


async def test_a_replica_is_killed_and_nobody_misses_or_repeats_an_event(embedded: Stack, app: App) -> None:
    with replicas(embedded, 2) as (gateway, services):
        followers = [Follower(gateway.origin, app) for _ in range(20)]
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for follower in followers:
                group.create_task(follower.follow(120))
            await _happen(app, 0, 60)
            counts = [await asyncio.to_thread(_listeners, one) for one in services]
            assert all(counts), "both have some"
            await asyncio.to_thread(services[0].kill)
            await _happen(app, 60, 120)
    assert [follower.seen for follower in followers] == [list(range(1, 121))] * len(followers)
    assert any(follower.connections > 1 for follower in followers)


async def _happen(app: App, start: int, end: int) -> None:
    for number in range(start, end):
        await upload(app, f"{number}.bin")


def _listeners(service: Replica) -> int:
    connections = service.process.net_connections("tcp")
    return sum(one.status == "ESTABLISHED" and one.laddr.port == service.port for one in connections)
