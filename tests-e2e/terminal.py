"""A terminal 100 columns wide that a command runs in, and somebody who reads it and types."""

import os
import pty
import re
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

COLUMNS = 100
# Makes the terminal that of the session, so that Ctrl-C is a signal.
_BECOME = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")


class Terminal:
    """`colours` are the sequences that set them; `seen` is what was on the lines, at one time or another."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._screen, inner = pty.openpty()
        termios.tcsetwinsize(inner, (30, COLUMNS))
        self._written = ""
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BECOME, *command],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**environment, "COLUMNS": str(COLUMNS)},
            cwd=folder,
            start_new_session=True,
        )
        os.close(inner)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # EIO: the last who had it open has ended
            while written := os.read(self._screen, 65536):
                with self._news:
                    self._written += written.decode(errors="replace")
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def seen(self) -> str:
        return _CONTROL.sub("", self._written).replace("\r", "\n")

    @property
    def colours(self) -> list[str]:
        return re.findall(r"\x1b\[[0-9;]+m", self._written)

    def wait_for(self, pattern: str, *, within: float = 60) -> re.Match[str]:
        with self._news:
            assert self._news.wait_for(lambda: re.search(pattern, self.seen), within), self.seen
        found = re.search(pattern, self.seen)
        assert found is not None
        return found

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def interrupt(self) -> None:
        self.type("\x03")

    def end(self, *, within: float = 120) -> int:
        """The exit code, once it has ended."""
        code = self._process.wait(timeout=within)
        self._reader.join(timeout=20)
        os.close(self._screen)
        return code
