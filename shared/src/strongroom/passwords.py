"""Hashes and verifies passwords with bcrypt, off the event loop and below its priority."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from passlib.context import CryptContext

from strongroom.errors import Unavailable

T = TypeVar("T")

_NICENESS = 10
_LONGEST_QUEUE_PER_CORE = 64


class PasswordsBusy(Unavailable):
    """More callers wait for a password check than could be answered in a reasonable time."""

    slug = "sign-in-busy"
    title = "Too many passwords are being checked at this moment"


class Passwords:
    """bcrypt releases the GIL, so one thread a core uses the whole machine, and niced threads leave it responsive.

    `bcrypt_sha256` has no 72-byte limit. Plain `bcrypt` hashes from elsewhere verify too, and are upgraded then.
    """

    def __init__(self, *, rounds: int, workers: int | None = None) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="bcrypt", initializer=_yield_to_event_loop)
        self._waiting = 0
        self._context = CryptContext(
            schemes=["bcrypt_sha256", "bcrypt"],
            deprecated=["bcrypt"],
            bcrypt_sha256__rounds=rounds,
        )
        # Verified against when there is no account, so that both cases cost the same.
        self._decoy: str = self._context.hash("nobody's password")

    async def hash(self, password: str) -> str:
        return await self._off_loop(lambda: str(self._context.hash(password)))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether it matches, and a new hash to store if the old one is of an outdated kind.

        `stored=None` (no such account) takes as long and never matches.
        """
        matches, upgraded = await self._off_loop(
            lambda: self._context.verify_and_update(password, stored or self._decoy)
        )
        if stored is None:
            return False, None
        return bool(matches), upgraded

    async def _off_loop(self, work: Callable[[], T]) -> T:
        """Raises PasswordsBusy rather than let callers queue beyond what a client would wait for."""
        if self._waiting >= self._workers * _LONGEST_QUEUE_PER_CORE:
            raise PasswordsBusy(headers={"Retry-After": "10"})
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _yield_to_event_loop() -> None:
    # On Linux niceness belongs to the thread, so this leaves the event loop's own thread alone.
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
