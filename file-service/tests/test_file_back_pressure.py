"""Whoever is slow holds back the other side, and nothing piles up in between."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from bare_store import BareStore, Exchange
from file_client import FileClient
from starlette.types import ASGIApp
from tus_client import TUS, encoded

from file_service.app import create_app
from file_service.settings import FileSettings

Serve = Callable[[ASGIApp], Awaitable[str]]

MIB = 1024 * 1024
SIZE = 128 * MIB
# Sockets hold some MiB on either side, and what goes to the store in parts is held twice.
PILED_UP = 48 * MIB
PIECE = os.urandom(MIB)
FORM = (
    b'--limit\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n',
    b"\r\n--limit--\r\n",
)


@pytest.fixture
async def origin(settings: FileSettings, bare: BareStore, serve: Serve) -> str:
    changes = {"s3_endpoint": bare.endpoint, "max_file_bytes": 2 * SIZE, "sweep_hours": 0, "scrub_days": 0}
    return await serve(create_app(settings.model_copy(update=changes)))


class Stream:
    """Writes to a connection, and tells when the other side has taken nothing for a second."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.written = 0
        self.over = asyncio.Event()  # held back, or all is written
        self.is_held = False

    async def write(self, content: bytes) -> None:
        self._writer.write(content)
        self.written += len(content)
        try:
            async with asyncio.timeout(1):
                await self._writer.drain()
        except TimeoutError:
            self.is_held = True
            self.over.set()
            await self._writer.drain()

    async def require_held(self) -> None:
        async with asyncio.timeout(60):
            await self.over.wait()
        assert self.is_held, "all of it was taken"
        assert self.written < PILED_UP


async def test_a_client_that_does_not_read_holds_back_the_store(ada: FileClient, bare: BareStore) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(SIZE // MIB):
            yield PIECE

    file = (await ada.put("big", pieces(), Content_Length=str(SIZE))).json()
    streams: list[Stream] = []

    async def answer(exchange: Exchange) -> None:
        streams.append(stream := Stream(exchange.writer))
        await exchange.say(200, Content_Length=str(SIZE))
        for _ in range(SIZE // MIB):
            await stream.write(PIECE)
        stream.over.set()

    bare.answer = answer
    reader, writer = await opened(ada)
    await request(ada, writer, "GET", f"/files/{file['id']}/download")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    await reader.readuntil(b"\r\n\r\n")
    (stream,) = streams
    await stream.require_held()
    digest, left = sha256(), SIZE
    while left:
        chunk = await reader.read(min(left, MIB))
        assert chunk, "cut off"
        digest.update(chunk)
        left -= len(chunk)
    assert digest.hexdigest() == file["sha256"]
    writer.close()


@pytest.mark.parametrize("abruptly", [False, True])
async def test_a_stalled_client_that_leaves_ends_the_reading_from_the_store(
    ada: FileClient, bare: BareStore, abruptly: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(SIZE // MIB):
            yield PIECE

    file = (await ada.put("big", pieces(), Content_Length=str(SIZE))).json()
    streams: list[Stream] = []
    ended = asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        streams.append(stream := Stream(exchange.writer))
        await exchange.say(200, Content_Length=str(SIZE))
        with suppress(ConnectionError):
            for _ in range(SIZE // MIB):
                await stream.write(PIECE)
        ended.set()

    bare.answer = answer
    reader, writer = await opened(ada)
    await request(ada, writer, "GET", f"/files/{file['id']}/download")
    await reader.readuntil(b"\r\n\r\n")
    (stream,) = streams
    await stream.require_held()
    before = stream.written
    if abruptly:
        writer.transport.abort()
    else:
        writer.close()
    async with asyncio.timeout(20):
        await ended.wait()
    assert stream.written < before + 4 * MIB


async def test_the_service_opens_as_many_connections_as_it_may_and_all_are_served(
    ada: FileClient, bare: BareStore, settings: FileSettings, serve: Serve
) -> None:
    file = (await ada.put("small", b"hello")).json()
    changes = {"s3_endpoint": bare.endpoint, "s3_connections": 2, "sweep_hours": 0, "scrub_days": 0}
    ada.origin = await serve(create_app(settings.model_copy(update=changes)))
    asked, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        asked.release()
        await go_on.wait()
        await exchange.say(200, b"hello")

    bare.answer = answer
    opened, bare.most = bare.opened, 0
    downloads = [asyncio.create_task(ada.download(file["id"])) for _ in range(20)]
    for _ in range(2):
        await asked.acquire()
    go_on.set()
    assert [(await one).content for one in downloads] == [b"hello"] * 20
    assert bare.opened - opened == 2


@pytest.mark.parametrize("kind", ["raw", "form", "resumable"])
async def test_a_store_that_does_not_read_holds_back_the_client(ada: FileClient, bare: BareStore, kind: str) -> None:
    received, go_on = sha256(), asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        if exchange.method != "PUT" or not exchange.length:
            await exchange.do()
            return
        received.update(await exchange.body(1))
        await go_on.wait()
        left = exchange.length - 1
        while left:
            received.update(chunk := await exchange.reader.read(min(left, MIB)))
            left -= len(chunk)
        await exchange.say()

    bare.answer = answer
    reader, writer = await opened(ada)
    before, behind = FORM if kind == "form" else (b"", b"")
    headers = {
        "raw": {"Content-Type": "application/x-big"},
        "form": {"Content-Type": "multipart/form-data; boundary=limit"},
        "resumable": {
            **TUS,
            "Upload-Length": str(SIZE),
            "Upload-Metadata": encoded(filename="big"),
            "Content-Type": "application/offset+octet-stream",
        },
    }[kind]
    method, path = {
        "raw": ("PUT", "/files/raw/big"),
        "form": ("POST", "/files/upload"),
        "resumable": ("POST", "/files/uploads"),
    }[kind]
    length = len(before) + SIZE + len(behind)
    await request(ada, writer, method, path, **headers, **{"Content-Length": str(length)})
    stream = Stream(writer)

    async def send() -> None:
        await stream.write(before)
        for _ in range(SIZE // MIB):
            await stream.write(PIECE)
        await stream.write(behind)
        stream.over.set()

    sending = asyncio.create_task(send())
    await stream.require_held()
    go_on.set()
    await sending
    assert (await reader.readline()).startswith(b"HTTP/1.1 201 ")
    (file,) = (await ada.get("/files")).json()["items"]
    assert (file["size"], file["sha256"]) == (SIZE, received.hexdigest())
    writer.close()


async def opened(client: FileClient) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(client.origin)
    return await asyncio.open_connection(address.hostname, address.port, limit=65536)


async def request(client: FileClient, writer: asyncio.StreamWriter, method: str, path: str, **headers: str) -> None:
    """Its head."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in {**client.headers, "Host": "x", **headers}.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode())
    await writer.drain()
