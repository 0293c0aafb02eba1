"""Leaves the machine to whoever else wants it: for work that nobody waits for."""

import ctypes
import os
import platform
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

_LOWEST = 19
_LONGEST_TURN = 100_000_000  # ns
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
_SCHED_ATTR = struct.Struct("=IIQiIQQQII")

_SPENT = Path("/proc/self/schedstat")
_ENOUGH_TO_TELL = 0.005
_CROWDED = 0.1
_MOST_TIMES = 9
_LONGEST_REST = 0.5


def give_way() -> None:
    """The lowest priority that the system knows.

    Not SCHED_IDLE: a core with nothing else on it counts as free then, and whoever is woken there waits for it.
    """
    os.nice(_LOWEST)
    if sys.platform == "linux":
        with suppress(OSError):  # where there are autogroups, niceness counts only among the processes of a session
            os.setsid()
            Path("/proc/self/autogroup").write_text(str(_LOWEST))
        _take_long_turns()


def _take_long_turns() -> None:
    """Whoever is woken goes before those with longer turns, and need not wait for the next tick (Linux 6.12, EEVDF)."""
    if number := _SCHED_SETATTR.get(platform.machine()):
        attributes = _SCHED_ATTR.pack(_SCHED_ATTR.size, os.SCHED_OTHER, 0, _LOWEST, 0, _LONGEST_TURN, 0, 0, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, attributes, 0)


class Pace:
    """Rests between pieces of work while others are about: whoever has to wait for a processor is not alone.

    Priorities are not enough: who is woken may still be put behind this process, and caches and memory know none. So it
    works a tenth of the time while others want the machine, and all of it when they do not. (Douceur and Bolosky,
    "Progress-based regulation of low-importance processes", SOSP 1999.)
    """

    def __init__(self) -> None:
        self._spent = _spent()
        self._times = 0

    def rest(self) -> None:
        """To be called often: what was done since the last call decides."""
        (ran, waited), now = self._spent, _spent()
        worked, stood = now[0] - ran, now[1] - waited
        if worked + stood >= _ENOUGH_TO_TELL:
            self._spent = now
            time.sleep(self.due(worked, stood))

    def due(self, worked: float, stood: float) -> float:
        """How long to rest after working and standing in line for so long, all in seconds.

        One crowded piece may be chance and costs little; several in a row are not.
        """
        crowded = stood > _CROWDED * (worked + stood)
        self._times = min(2 * self._times + 1, _MOST_TIMES) if crowded else max(self._times - 1, 0)
        return min(self._times * worked, _LONGEST_REST)


def _spent() -> tuple[float, float]:
    """On a processor and in line for one, in seconds; where the system does not count that, as if it never were."""
    try:
        ran, waited, _ = _SPENT.read_text().split()
    except OSError:
        return 0, 0
    return int(ran) / 1e9, int(waited) / 1e9
