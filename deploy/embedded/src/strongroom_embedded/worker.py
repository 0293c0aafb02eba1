"""A child that nobody's request depends on: when it dies, another one takes its place."""

import time
from collections.abc import Callable

from strongroom_embedded.children import Child, Program

_PAUSE = 2.0  # seconds between two starts


class Worker:
    """Whatever it was doing is done again by its successor."""

    def __init__(self, program: Program, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._program = program
        self._clock = clock
        self._start()

    @property
    def pid(self) -> int:
        return self._child.pid

    def revive(self) -> None:
        """To be called now and then: starts it again if it ended, but not at once again and again."""
        if self._child.exit_code is not None and self._clock() - self._started_at > _PAUSE:
            self._start()

    def stop(self, timeout: float) -> None:
        self._child.stop(timeout)

    def _start(self) -> None:
        self._child = Child(self._program)
        self._started_at = self._clock()
