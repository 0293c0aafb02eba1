"""Runs the embedded stack as a newcomer does, and ends it as fate does."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil

ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "quarry-violin-77-harbour"
READY = "Strongroom is ready at "
_START_SECONDS = 90


class DidNotStart(Exception):
    """With all that the launcher printed."""


class Stack:
    """`python -m strongroom_embedded` on a free port, or what `command` says, with its data in `data`."""

    def __init__(self, data: Path, *, command: list[str] | None = None, **environment: str) -> None:
        self.data = data
        self.output: list[str] = []
        self.url = ""
        self._process = subprocess.Popen(
            command or [sys.executable, "-m", "strongroom_embedded"],
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM_")},
                "STRONGROOM_DATA": str(data),
                "STRONGROOM_PORT": "0",
                "STRONGROOM_ADMIN_EMAIL": ADMIN_EMAIL,
                "STRONGROOM_ADMIN_PASSWORD": ADMIN_PASSWORD,
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line.rstrip("\n"))
            if line.startswith(READY):
                self.url = line.removeprefix(READY).strip()
                self._ready.set()
        self._ready.set()  # it ended: nobody need wait any longer

    def wait_until_ready(self) -> "Stack":
        if not self._ready.wait(_START_SECONDS) or not self.url:
            self.kill()
            raise DidNotStart("\n".join(self.output))
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    def processes(self) -> list[psutil.Process]:
        """The launcher and everything under it."""
        launcher = psutil.Process(self.pid)
        return [launcher, *launcher.children(recursive=True)]

    def service(self, name: str) -> psutil.Process:
        """The process of `auth_service`, `file_service` or `gateway`, of `postgres`, or of the store, `weed`."""
        for process in self.processes():
            words = process.cmdline()
            if {"-m", name} <= set(words) or (words and Path(words[0]).name == name):
                return process
        raise LookupError(name)

    def kill(self) -> None:
        """SIGKILL to every process, as a power cut would."""
        everything = self.processes() if psutil.pid_exists(self.pid) and self._process.poll() is None else []
        for process in everything:
            process.suspend()  # or a parent could still notice that its child died
        for process in everything:
            process.kill()
        # Not the launcher: whoever waits for it first takes its exit code, and Popen would be left with a 0.
        psutil.wait_procs([one for one in everything if one.pid != self.pid], timeout=20)
        self.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, group: bool = False) -> int:
        """Asks it to stop; answers its exit code."""
        if self._process.poll() is None:
            (os.killpg if group else os.kill)(self.pid, number)
        return self.wait()

    def wait(self) -> int:
        code = self._process.wait(timeout=60)
        self._reader.join(timeout=20)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code
