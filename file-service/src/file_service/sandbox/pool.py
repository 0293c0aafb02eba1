"""Processes that are kept for one parser, so that nobody waits until one has started."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID
from weakref import WeakValueDictionary

from file_service.sandbox.limits import Limits
from file_service.sandbox.parser_process import ParserProcess, held
from strongroom.errors import Unavailable


class Busy(Unavailable):
    slug = "busy"
    title = "Too many others ask for the same just now"

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class Pool:
    """At most `at_once`, and half as many for one account; used again and again until nobody wants one for a minute.

    Whoever waits longer than `patience` seconds is told so.
    """

    def __init__(
        self,
        parser: str,
        limits: Limits,
        *,
        at_once: int,
        patience: float,
        rest: float = 60,
        background: bool = False,
    ) -> None:
        self._parser = parser
        self._limits = limits
        self._patience = patience
        self._places = asyncio.Semaphore(at_once)
        self._each = max(1, at_once // 2)
        self._turns: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()
        self._rest = rest
        self._background = background
        self._idle: dict[ParserProcess, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in list(self._idle):
            self._retire(process)
        await asyncio.gather(*self._ending)

    @asynccontextmanager
    async def process(self, account: UUID, *, once: bool = False) -> AsyncIterator[ParserProcess]:
        """Whoever leaves before its task is over, or in an exception of its, gives back none. Raises Busy.

        `once` is for what reads untrusted bytes: its process never sees what belongs to somebody else.
        """
        turn = self._turns.setdefault(account, asyncio.Semaphore(self._each))
        async with AsyncExitStack() as places:
            try:
                async with asyncio.timeout(self._patience):
                    await places.enter_async_context(turn)
                    await places.enter_async_context(self._places)
            except TimeoutError:
                raise Busy from None
            async with held(self._ready(), partial(self._put_back, once=once)) as process:
                yield process

    async def _ready(self) -> ParserProcess:
        while self._idle:
            process, retiring = self._idle.popitem()  # the one that rested least, so that the others may end
            retiring.cancel()
            if process.is_alive:
                return process
            await process.kill()
        return await ParserProcess.start(
            self._limits,
            scratch=tempfile.gettempdir(),  # in which each task has a folder of its own
            ready_for=self._parser,
            background=self._background,
        )

    async def _put_back(self, process: ParserProcess, *, once: bool) -> None:
        if process.is_free and not once:
            self._idle[process] = asyncio.get_running_loop().call_later(self._rest, self._retire, process)
        else:
            await process.kill()

    def _retire(self, process: ParserProcess) -> None:
        self._idle.pop(process).cancel()
        ending = asyncio.create_task(process.kill())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
