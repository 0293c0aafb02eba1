"""Follows the issuer's feed of revocations, so that a token is refused before it expires without asking anybody."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2

from strongroom.revoked import Revocation, Revoked

log = logging.getLogger(__name__)

_WAIT = 10.0  # how long one poll may last; also how long a connection that died silently goes unnoticed
_PATIENCE = 2.0  # how long the first verification waits for the feed
_PACE = 0.05  # between two polls, so that a burst of revocations comes in few answers
_NOT_HELD = 1.0  # before asking again where a poll is answered at once with nothing
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class _Answer:
    items: list[Revocation]
    next: int
    mark: str | None
    more: bool


class RevocationFeed:
    """Keeps `known` up to date with the feed at `url`, in the background, from `start` to `aclose`.

    While the feed is out of reach what is known stays in force, and `state` says so.
    """

    def __init__(
        self,
        url: str,
        http: httpx2.AsyncClient,
        known: Revoked,
        *,
        wait: float = _WAIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._http = http
        self._known = known
        self._wait = wait
        self._clock = clock
        self._after = 0
        self._mark: str | None = None
        self._behind = True
        self._answered_at = -math.inf
        self._task: asyncio.Task[None] | None = None
        self.settled = asyncio.Event()

    @property
    def age(self) -> float:
        """Seconds since the feed last answered; infinite if it never did."""
        return self._clock() - self._answered_at

    @property
    def begun(self) -> bool:
        """Whether it is followed at all."""
        return self._task is not None

    @property
    def healthy(self) -> bool:
        return self.age <= 2 * self._wait

    @property
    def state(self) -> str:
        """`ok`, or in a few words how long the feed has not answered."""
        if self.healthy:
            return "ok"
        return f"stale {self.age:.0f} s" if math.isfinite(self.age) else "never reached"

    def start(self) -> None:
        """Once is enough."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow())

    async def settle(self) -> None:
        """Returns when all that was revoked before is known, or when it has turned out that this must do without.

        Otherwise a verifier would let a revoked token pass in the first moments after its own restart.
        """
        self.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self.settled.wait()
        self.settled.set()

    async def aclose(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        failures = 0
        while True:
            try:
                pause = await self._advance()
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it was, following must go on
                if failures == 0:
                    log.warning("revocations.lost url=%s cause=%r", self._url, error)
                pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(failures, 10))
                pause *= random.uniform(0.5, 1)  # noqa: S311 - only spreads the load
                failures += 1
                self._behind = True
            if not self._behind or failures:
                self.settled.set()
            self._known.prune()
            await asyncio.sleep(pause)

    async def _advance(self) -> float:
        """Takes one answer in. How long to pause before the next."""
        # Whoever may be behind asks without waiting: only an answer tells that there is nothing more.
        wait = 0.0 if self._behind else self._wait
        asked_at = self._clock()
        answer = await self._ask(wait)
        for item in answer.items:
            self._known.add(item)
        self._after, self._mark, self._behind = answer.next, answer.mark, answer.more
        self._answered_at = self._clock()
        if answer.more:
            return 0.0
        held = answer.items or wait == 0 or self._answered_at - asked_at > min(_NOT_HELD, wait / 2)
        return _PACE if held else _NOT_HELD

    async def _ask(self, wait: float) -> _Answer:
        parameters: dict[str, str] = {"after": str(self._after), "wait": f"{wait:g}"}
        if self._mark is not None:
            parameters["mark"] = self._mark
        timeout = httpx2.Timeout(5, read=wait + 5)
        response = await self._http.get(self._url, params=parameters, timeout=timeout)
        response.raise_for_status()
        return _parsed(response.json())


def _parsed(document: Any) -> _Answer:
    """Raises ValueError for what is not an answer of the feed."""
    try:
        items = [
            Revocation(str(one["kind"]), str(one["id"]), float(one["revoked_at"]), float(one["expires_at"]))
            for one in document["items"]
        ]
        mark = document.get("mark")
        return _Answer(items, int(document["next"]), None if mark is None else str(mark), document.get("more") is True)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a page of revocations") from error
