"""Listens to events as client apps do."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import websockets
from file_client import FileClient
from websockets.asyncio.client import ClientConnection

Heard = dict[str, Any]


def listening(client: FileClient, *protocols: str, **params: Any) -> websockets.connect:
    """A WebSocket as browsers open it."""
    offered = [websockets.Subprotocol(one) for one in protocols or ("strongroom.v1", f"bearer.{client.token}")]
    url = httpx2.URL(f"{client.origin.replace('http', 'ws', 1)}/files/events", params=params)
    return websockets.connect(str(url), subprotocols=offered, proxy=None, compression=None)


async def next_of(connection: ClientConnection, count: int = 1) -> list[Heard]:
    return [json.loads(await connection.recv()) for _ in range(count)]


@asynccontextmanager
async def stream(
    client: FileClient, headers: dict[str, str] | None = None, **params: Any
) -> AsyncIterator[httpx2.Response]:
    """Over HTTP."""
    url, sent = f"{client.origin}/files/events", client.headers | (headers or {})
    async with client.http.stream("GET", url, params=params, headers=sent) as answer:
        yield answer


async def blocks(answer: httpx2.Response) -> AsyncIterator[dict[str, str]]:
    """The fields of each, as they come."""
    block: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
        else:
            yield block
            block = {}


async def heard(client: FileClient, count: int, *, after: int = 0, **params: Any) -> list[Heard]:
    """So many of what there has been."""
    found: list[Heard] = []
    async with stream(client, after=after, **params) as answer:
        assert answer.status_code == 200
        async for block in blocks(answer):
            if "data" in block:
                found.append(json.loads(block["data"]))
            if len(found) >= count:
                return found
    raise AssertionError(f"it ended after {len(found)}")
