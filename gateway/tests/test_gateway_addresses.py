"""A service with several processes: the least busy one is asked, and one that is down costs no request."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx2
import pytest

ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

NOBODY = "http://127.0.0.1:1"


class Process:
    """Counts its requests, and answers with its name once it may."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.requests = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                await self.may_answer.wait()
                writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(self.name)}\r\n\r\n{self.name}".encode())


async def test_the_least_busy_process_is_asked(serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    busy, free = Process("busy"), Process("free")
    origin = await gateway(f"{await serve_raw(busy)},{await serve_raw(free)}")
    busy.may_answer.clear()
    free.may_answer.clear()
    async with asyncio.TaskGroup() as tasks:
        for number in range(10):
            tasks.create_task(http.get(f"{origin}/files/{number}"))
        async with asyncio.timeout(20):
            while busy.requests + free.requests < 10:  # noqa: ASYNC110 - the two tell nobody
                await asyncio.sleep(0)
        assert (busy.requests, free.requests) == (5, 5)
        free.may_answer.set()
        busy.may_answer.set()


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
async def test_a_process_that_is_down_costs_no_request(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient, method: str
) -> None:
    origin = await gateway(f"{NOBODY},{await serve_raw(Process('up'))}")
    for _ in range(20):
        answer = await http.request(method, f"{origin}/files")
        assert (answer.status_code, answer.text) == (200, "up")


async def test_when_all_are_down_that_is_said(gateway: Gateway, http: httpx2.AsyncClient) -> None:
    answer = await http.get(f"{await gateway(f'{NOBODY},http://127.0.0.1:2')}/files")
    assert answer.status_code == 502


async def test_a_route_of_ones_own_goes_to_ones_own_service(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    own = await serve_raw(Process("own"))
    origin = await gateway(await serve_raw(Process("files")), routes={"/files/reports": own, "/x": own})
    assert (await http.get(f"{origin}/files/reports/1")).text == "own"
    assert (await http.get(f"{origin}/x")).text == "own"
    assert (await http.get(f"{origin}/files/report")).text == "files"


class Examined:
    """Says how it is when it is asked, and counts what else it is asked."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.requests = 0
        self.examined = asyncio.Semaphore(0)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b" /readyz " in head:
                    self.examined.release()
                    writer.write(b"HTTP/1.1 %d Examined\r\nContent-Length: 0\r\n\r\n" % self.status)
                else:
                    self.requests += 1
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


async def test_a_process_that_says_it_is_ill_is_spared_until_it_is_well(
    serve_raw: ServeRaw, gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    ill, well = Examined(503), Examined(200)
    origin = await gateway(f"{await serve_raw(ill)},{await serve_raw(well)}", upstream_examined_seconds=0.05)

    async def asked() -> tuple[int, int]:
        ill.requests = well.requests = 0
        for _ in range(2):  # the second begins when the first has been heard
            await ill.examined.acquire()
        await asyncio.gather(*(http.get(f"{origin}/files/{number}") for number in range(10)))
        return ill.requests, well.requests

    async with asyncio.timeout(20):
        assert await asked() == (0, 10)
        ill.status = 200
        while (await asked())[0] == 0:
            pass
