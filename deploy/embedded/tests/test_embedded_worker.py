"""A worker that dies is replaced, but not at once again and again."""

import os
import signal
import sys
from pathlib import Path

from strongroom_embedded.children import Program
from strongroom_embedded.worker import Worker


def program(tmp_path: Path) -> Program:
    return Program(
        name="worker",
        command=[sys.executable, "-c", "import time; time.sleep(1000)"],
        environment=dict(os.environ),
        directory=tmp_path,
        log=tmp_path / "log",
    )


def kill(worker: Worker) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)


def test_a_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    now = 0.0
    worker = Worker(program(tmp_path), clock=lambda: now)
    first = worker.pid
    worker.revive()
    assert worker.pid == first
    kill(worker)
    worker.revive()
    assert worker.pid == first  # it had only just begun
    now = 10.0
    worker.revive()
    assert worker.pid != first
    worker.stop(5)
