"""What was asked of the installation, how it went, and when something was broken: what availability is judged by."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Times are of the monotonic clock. `told` is a status, or the name of an exception."""

    deed: str
    began_at: float
    ended_at: float
    is_good: bool
    told: str


@dataclass(slots=True)
class Window:
    """While something was broken, and until the installation said of itself that it was well again."""

    fault: str
    began_at: float
    ended_at: float = float("inf")

    def touches(self, one: Asked) -> bool:
        return one.began_at <= self.ended_at and one.ended_at >= self.began_at


class Journal:
    """Written by many threads. `wrong` is what must not be, whatever is broken."""

    def __init__(self) -> None:
        self.windows: list[Window] = []
        self.wrong: list[str] = []
        self.unavailable = 0
        self._asked: list[Asked] = []
        self._changed = threading.Condition()
        self._good: Counter[str] = Counter()

    def note(self, who: str, one: Asked) -> None:
        with self._changed:
            self._asked.append(one)
            if one.is_good:
                self._good[who] += 1
                self._changed.notify_all()
            else:
                self.unavailable += 1

    def accuse(self, what: str) -> None:
        with self._changed:
            self.wrong.append(what)
            self._changed.notify_all()

    def wait_for_more(self, who: list[str], count: int, *, within: float = 60) -> None:
        """Until each of them has been served so many times more."""
        with self._changed:
            goals = {one: self._good[one] + count for one in who}
            served = self._changed.wait_for(
                lambda: bool(self.wrong) or all(self._good[one] >= goal for one, goal in goals.items()), within
            )
        assert not self.wrong, self.wrong
        assert served, f"{within} s later some are still not served: {self._good}, wanted {goals}"

    @contextmanager
    def broken(self, fault: str) -> Iterator[None]:
        self.windows.append(Window(fault, time.monotonic()))
        yield
        self.windows[-1].ended_at = time.monotonic()

    @property
    def seconds_broken(self) -> float:
        return sum(window.ended_at - window.began_at for window in self.windows)

    def deeds(self) -> Counter[str]:
        return Counter(one.deed for one in self._asked if one.is_good)

    def during(self, *, faults: bool) -> Counter[str]:
        """What requests were told while something was broken, or while nothing was."""
        return _told(one for one in self._asked if any(window.touches(one) for window in self.windows) == faults)

    def within(self, window: Window) -> Counter[str]:
        return _told(one for one in self._asked if window.touches(one))


def _told(chosen: Iterable[Asked]) -> Counter[str]:
    return Counter("good" if one.is_good else f"{one.deed}: {one.told}" for one in chosen)


def availability(told: Counter[str]) -> float:
    return told["good"] / max(1, told.total())
