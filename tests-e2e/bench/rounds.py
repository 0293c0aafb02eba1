"""Interleaved rounds, so that what else the machine does meanwhile meets everybody alike."""

import time
from collections.abc import Callable, Mapping, Sequence

_AT_LEAST = 3

Measured = Mapping[str, Sequence[float]]


def rounds(contestants: Mapping[str, Callable[[], float]], count: int, *, seconds: float) -> Measured:
    """What each measured in each round, in an order that turns, after a round that does not count.

    Once the seconds are over it is three rounds at least, and no more are begun.
    """
    until = time.monotonic() + seconds
    found: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for turn in range(count + 1):
        if turn > _AT_LEAST and time.monotonic() > until:
            break
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            value = contestants[name]()
            if turn:
                found[name].append(value)
    return found
