"""A request that waits ends with its client and with the process."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable

import httpx2
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from strongroom.web.waiting import Stopping, while_wanted

Serve = Callable[[ASGIApp], Awaitable[str]]


class Waiter:
    """An application whose one address waits until `release` is set."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.release = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.app = FastAPI()
        self.app.get("/")(self.wait)

    async def wait(self, request: Request) -> str:
        return await while_wanted(request, self._work()) or "over"

    async def _work(self) -> str:
        self.entered.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return "done"


async def test_what_is_waited_for_is_the_answer(serve: Serve, http: httpx2.AsyncClient) -> None:
    waiter = Waiter()
    answer = asyncio.create_task(http.get(await serve(waiter.app)))
    await waiter.entered.wait()
    waiter.release.set()
    assert (await answer).json() == "done"


async def test_a_client_that_leaves_ends_the_work(serve: Serve, http: httpx2.AsyncClient) -> None:
    waiter = Waiter()
    answer = asyncio.create_task(http.get(await serve(waiter.app)))
    await waiter.entered.wait()
    answer.cancel()
    async with asyncio.timeout(5):
        await waiter.cancelled.wait()


async def test_a_process_that_is_to_stop_answers_at_once(serve: Serve, http: httpx2.AsyncClient) -> None:
    waiter = Waiter()
    stopping = Stopping(waiter.app)
    origin = await serve(stopping)
    answer = asyncio.create_task(http.get(origin))
    await waiter.entered.wait()
    stopping.begin()
    assert (await answer).json() == "over"
    assert waiter.cancelled.is_set()


_SERVER = """
import asyncio
from fastapi import FastAPI, Request
from strongroom.web.server import serve
from strongroom.web.settings import ServiceSettings
from strongroom.web.waiting import while_wanted

app = FastAPI()
waiting = []

@app.get("/")
async def wait(request: Request) -> str:
    waiting.append(request)
    return await while_wanted(request, asyncio.sleep(30)) or "over"

@app.get("/waiting")
async def count() -> int:
    return len(waiting)

serve(app, ServiceSettings(public_url="http://test", listen="fd:FD"))
"""


async def test_sigterm_is_not_held_up_by_who_waits(http: httpx2.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        program = _SERVER.replace("FD", str(listening.fileno()))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, pass_fds=[listening.fileno()], stdout=asyncio.subprocess.DEVNULL
        )
        origin = "http://{}:{}".format(*listening.getsockname())
    answer = asyncio.create_task(http.get(origin))
    while (await http.get(f"{origin}/waiting")).json() == 0:
        pass
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert (await answer).json() == "over"
    assert await process.wait() == -signal.SIGTERM
    assert time.monotonic() - started < 5
