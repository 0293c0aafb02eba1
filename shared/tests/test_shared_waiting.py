"""A request that waits ends with its client and with the process."""

import asyncio
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
    async with asyncio.timeout(20):
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
