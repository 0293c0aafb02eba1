"""Lets few at a time wait for one owner, so that these do not take every connection that others need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from file_service.usage.errors import OwnerBusy

_AT_ONCE = 4  # of the 20 connections that a process has


class Turns:
    """`patience` is in seconds. Nothing is remembered of an owner whom nobody waits for."""

    def __init__(self, *, patience: float = 5) -> None:
        self._patience = patience
        self._turns: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, owner: UUID) -> AsyncIterator[None]:
        """To be entered before a connection is taken. Raises OwnerBusy."""
        turn = self._turns.setdefault(owner, asyncio.Semaphore(_AT_ONCE))
        try:
            async with asyncio.timeout(self._patience):
                await turn.acquire()
        except TimeoutError as error:
            raise OwnerBusy from error
        try:
            yield
        finally:
            turn.release()
