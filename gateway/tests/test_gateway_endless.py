"""Requests that never end, or are too many pieces: nobody else waits for them, and no memory is filled."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from counting_service import Counting

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]
CaughtUp = Callable[[str], Awaitable[None]]

HEAD = b"POST /files HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize("piece", [b"X-Long: " + b"a" * 70_000, b"X: y\r\n" * 3000, b"X-" + b"n" * 70_000])
async def test_a_huge_head_is_refused(serve_raw: ServeRaw, gateway: Gateway, connect: Connect, piece: bytes) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(b"GET /files HTTP/1.1\r\nHost: x\r\n" + piece)
    async with asyncio.timeout(20):
        assert b" 431 " in await reader.readline()
    assert service.wire == b""


@pytest.mark.parametrize("length", [33_000, 60_000, 66_000])
async def test_an_address_that_no_service_could_read_is_refused(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, length: int
) -> None:
    """RFC 9110 §15.5.15; uvicorn would answer in plain text, and close."""
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    for piece in (b"GET /files?q=", *[b"a" * 1000] * (length // 1000)):
        writer.write(piece)
    writer.write(b" HTTP/1.1\r\nHost: x\r\n\r\n")
    async with asyncio.timeout(20):
        assert b" 414 " in await reader.readline()
        assert b"application/problem+json" in await reader.readuntil(b"\r\n\r\n")
    assert service.wire == b""


async def test_a_body_over_the_limit_is_refused_before_or_while_it_comes(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Counting()
    origin = await gateway(await serve_raw(service), max_body_bytes=10)
    for framing in (b"Content-Length: 11\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n"):
        reader, writer = await connect(origin)
        writer.write(HEAD + framing)
        async with asyncio.timeout(20):
            assert b" 413 " in await reader.readline()
    assert b"12345678901" not in service.wire


async def test_a_head_that_never_ends_is_not_waited_for(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    origin = await gateway(await serve_raw(Counting()), client_head_seconds=0.1)
    reader, writer = await connect(origin)
    writer.write(b"GET /files HTTP/1.1\r\nHost:")
    async with asyncio.timeout(20):
        assert b" 408 " in await reader.readline()
        await reader.read()


async def test_a_body_that_stalls_is_not_waited_for(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service), client_idle_seconds=0.1))
    writer.write(HEAD + b"Content-Length: 10\r\n\r\nhalf")
    async with asyncio.timeout(20):
        assert b" 408 " in await reader.readline()
        await reader.read()


async def test_many_tiny_chunks_do_not_hold_everybody_up(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect, caught_up: CaughtUp
) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    origin = await gateway(await serve_raw(silent))

    async def cost(chunks: int) -> float:
        _reader, writer = await connect(origin)
        began = time.process_time()
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * chunks)
        await caught_up(origin)  # sooner than the service would be asked to take the body
        return time.process_time() - began

    few, many = [min([await cost(chunks) for _ in range(3)]) for chunks in (2_500, 10_000)]
    assert many < 8 * few  # four times as much, not sixteen


async def test_trailers_that_never_end_are_refused(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    async def asking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await reader.read()

    reader, writer = await connect(await gateway(await serve_raw(asking)))
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Long: ")
    answer = asyncio.create_task(reader.readline())
    for _ in range(100):
        await asyncio.sleep(0.01)
        if answer.done():
            break
        writer.write(b"a" * 10_000)
    assert answer.done()
    assert b" 431 " in await answer


async def test_many_offers_of_another_protocol_at_once_are_all_passed_over(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    service = Counting()
    reader, writer = await connect(await gateway(await serve_raw(service)))
    offer = b"GET /files HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
    writer.write(offer * 500 + b"GET /files/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(20):
        answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 501


async def test_a_large_pipeline_may_be_cut_within_a_head(
    serve_raw: ServeRaw, gateway: Gateway, connect: Connect
) -> None:
    reader, writer = await connect(await gateway(await serve_raw(Counting())))
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n11170\r\n" + b"x" * 70_000 + b"\r\n0\r\n\r\nGET /fi")
    async with asyncio.timeout(20):
        await reader.readuntil(b"ok")
        writer.write(b"les HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
