"""One child process: started with a log file of its own, tied to the launcher's life, and stopped in bounded time."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOG_LIMIT = 10 * 1024 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that a child runs as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `death_signal` is what the kernel sends it when the launcher is killed."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    directory: Path
    log: Path
    account: Account | None = None
    inherited: Sequence[int] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL


class Child:
    """A running `Program`.

    Start children in the main thread only: the kernel sends the death signal when the *thread* that started the
    child ends.
    """

    def __init__(self, program: Program) -> None:
        self.name = program.name
        self._program = program
        self._log_start = _rotate(program.log)
        self._process = _spawn(program)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self._process.poll()

    def wait(self, timeout: float) -> bool:
        """Whether it ended within `timeout` seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_stop(self) -> None:
        if self.exit_code is None:
            self._process.send_signal(self._program.stop_signal)

    def stop(self, timeout: float) -> None:
        """Asks, waits up to `timeout` seconds, then kills."""
        self.ask_to_stop()
        if not self.wait(timeout):
            self._process.kill()
            self._process.wait()

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that this very process wrote."""
        with self._program.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - 64 * 1024))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])


def _rotate(log: Path) -> int:
    """Sets a large log aside, and returns where the next line will stand."""
    if not log.exists():
        return 0
    if log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))
        return 0
    return log.stat().st_size


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    account = program.account
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command,
            env=program.environment,
            cwd=program.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=program.inherited,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            # Ctrl-C in the terminal then reaches the launcher alone, which stops everything in order.
            start_new_session=True,
            # What it does takes no lock, so that even a test runner with threads may fork here.
            preexec_fn=_tie_to_launcher(program.death_signal),  # noqa: PLW1509
        )


def _tie_to_launcher(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A launcher that is killed outright leaves nothing behind. Other systems than Linux have no such call."""
    if _libc is None:
        return None
    libc, launcher = _libc, os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != launcher:  # it died before the call could take effect
            os._exit(1)

    return tie
