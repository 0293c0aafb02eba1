"""The worker of a stack, and how long small requests take beside it."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import psutil
from stack import Stack

Requests = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True, slots=True)
class Slowest:
    """The 99th of a hundred, in seconds, round by round: while the worker stands still, and while it works."""

    alone: list[float]
    beside: list[float]

    @property
    def ratio(self) -> float:
        return median(one / other for one, other in zip(self.beside, self.alone, strict=True))


@dataclass(frozen=True, slots=True)
class Beside:
    """`share` is what part of a core the parsers had meanwhile."""

    slowest: Mapping[str, Slowest]
    share: float


def worker(stack: Stack) -> psutil.Process:
    return next(one for one in stack.processes() if one.cmdline()[-2:] == ["file_service", "work"])


def beside_worker(stack: Stack, ask: Requests, *, rounds: int, count: int) -> Beside:
    """`count` of each kind of request at a time, after some that do not matter. The worker is to be busy."""
    _round(ask, count)
    found = {name: Slowest([], []) for name in ask}
    worked = elapsed = 0.0
    for _ in range(rounds):
        with _held(stack):
            alone = _round(ask, count)
        worked -= _processor_seconds(stack)
        elapsed -= time.monotonic()
        beside = _round(ask, count)
        elapsed += time.monotonic()
        worked += _processor_seconds(stack)
        for name, one in found.items():
            one.alone.append(alone[name])
            one.beside.append(beside[name])
    return Beside(found, worked / elapsed)


def _processor_seconds(stack: Stack) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in worker(stack).children())


def seconds(ask: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def _round(ask: Requests, count: int) -> dict[str, float]:
    return {name: quantiles((seconds(one) for _ in range(count)), n=100)[98] for name, one in ask.items()}


@contextmanager
def _held(stack: Stack) -> Iterator[None]:
    """The worker and its parsers stand still."""
    everything = [worker(stack), *worker(stack).children(recursive=True)]
    _signal(everything, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(everything, signal.SIGCONT)


def _signal(processes: list[psutil.Process], which: signal.Signals) -> None:
    for one in processes:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(which)
