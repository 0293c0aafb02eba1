"""What WebSockets of every service have alike, on a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import pytest
import websockets
from fastapi import APIRouter, FastAPI, WebSocket
from fuzzing import EXAMPLES, damaged
from hypothesis import HealthCheck, given, settings
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from strongroom.errors import Conflict
from strongroom.web.app import build_app
from strongroom.web.cutting import cut_of

router = APIRouter()


@router.websocket("/refused")
async def refused(websocket: WebSocket) -> None:
    raise Conflict("not today")


@router.websocket("/frames")
async def frames(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send({"type": "websocket.send", "frames": b"\x81\x03one\x81\x03two"})
    await websocket.close(4000, "enough")


@router.websocket("/cut")
async def cut(websocket: WebSocket) -> None:
    await websocket.accept()
    cutting = cut_of(websocket.scope)
    assert cutting is not None
    cutting(4408, "too-slow")
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


@router.websocket("/listening")
async def listening(websocket: WebSocket) -> None:
    await websocket.accept()
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


@router.websocket("/number/{number}")
async def number(websocket: WebSocket, number: int) -> None:
    await websocket.accept()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
async def address(serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    origin = await serve(build_app("test", lifespan=lifespan, routers=[router], body_limit=100))
    return origin.replace("http", "ws", 1)


async def refusal(address: str) -> tuple[int, str]:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(address, proxy=None)
    answer = refused.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    return answer.status_code, json.loads(answer.body)["type"].rpartition(":")[2]


async def test_a_refusal_is_the_same_as_of_a_request(address: str) -> None:
    assert await refusal(f"{address}/refused") == (409, "conflict")
    assert await refusal(f"{address}/number/none") == (422, "invalid-request")


async def test_a_refusal_is_no_fault_of_the_server(address: str, caplog: pytest.LogCaptureFixture) -> None:
    await refusal(f"{address}/refused")
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


async def test_frames_that_are_encoded_already_are_messages(address: str) -> None:
    async with websockets.connect(f"{address}/frames", proxy=None) as connection:
        assert [await connection.recv() for _ in range(2)] == ["one", "two"]
        await connection.wait_closed()
    assert (connection.close_code, connection.close_reason) == (4000, "enough")


async def test_who_is_cut_off_is_told_why(address: str) -> None:
    async with websockets.connect(f"{address}/cut", proxy=None) as connection, asyncio.timeout(20):
        await connection.wait_closed()
    assert (connection.close_code, connection.close_reason) == (4408, "too-slow")


async def test_each_is_one_line_in_the_log_and_has_an_id(address: str) -> None:
    with capture_logs() as lines:
        async with websockets.connect(f"{address}/frames?secret=1", proxy=None) as connection:
            assert connection.response is not None
            identity = connection.response.headers["x-request-id"]
            await connection.wait_closed()
        async with asyncio.timeout(20):
            while not (found := [line for line in lines if line["event"] == "request"]):  # noqa: ASYNC110
                await asyncio.sleep(0)
    assert identity
    assert found[0].items() >= {"path": "/frames", "status": 101}.items()


HANDSHAKE = (
    b"GET /listening HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
MASK = bytes(4)
TEXT, PING, CLOSE = b"\x81\x85" + MASK + b"hello", b"\x89\x80" + MASK, b"\x88\x82" + MASK + b"\x03\xe8"
FRAGMENTS = b"\x01\x83" + MASK + b"one" + PING + b"\x80\x83" + MASK + b"two"
LONG, ENDLESS = b"\x82\xfe\x00\x7e" + MASK + bytes(126), b"\x82\xff" + b"\x7f" * 8 + MASK


@settings(max_examples=EXAMPLES, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=damaged(TEXT, TEXT + PING + CLOSE, FRAGMENTS, LONG, ENDLESS, signs=[TEXT, CLOSE, b"\xff", MASK]))
async def test_whatever_frames_say_is_no_fault_of_the_server(
    address: str, caplog: pytest.LogCaptureFixture, frames: bytes
) -> None:
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(HANDSHAKE + frames)
    writer.write_eof()
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            assert (await reader.read()).startswith(b"HTTP/1.1 101 ")
    writer.close()
    assert not [one for one in caplog.records if one.levelname == "ERROR"]
