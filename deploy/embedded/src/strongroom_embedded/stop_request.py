"""Notices that somebody wants the launcher to stop, without tearing it out of what it is just doing."""

import signal
import time
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Raised out of `StopRequest.pause`."""


class StopRequest:
    """The handler only takes a note: an exception in the middle of starting a child would lose the child."""

    def __init__(self) -> None:
        self._is_made = False

    def listen(self) -> None:
        """From here on a signal, and any repetition of it, ends the next `pause` and nothing else."""
        for number in _SIGNALS:
            # `nohup` asks for a launcher that outlives its terminal. An ignored SIGINT is only what every shell
            # gives to a program in the background.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._note)

    def end(self) -> None:
        """The way out is begun: a repeated signal must not change the exit code while the interpreter shuts down."""
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def pause(self, seconds: float) -> None:
        """Sleeps. Raises `StopRequested` once a signal has come."""
        if not self._is_made:
            time.sleep(seconds)
        if self._is_made:
            raise StopRequested

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._is_made = True
