"""Waiting for a child: bounded, ended at once by its death, and interruptible through the `pause` that callers pass."""

import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

from strongroom_embedded.children import Child
from strongroom_embedded.errors import ChildDied, NotReady

# Called between two looks at a child. It sleeps, and may raise to give the wait up.
Pause = Callable[[float], None]


def wait_until_ready(child: Child, is_ready: Callable[[], bool], *, timeout: float, pause: Pause = time.sleep) -> None:
    """Raises `ChildDied` or, after `timeout` seconds, `NotReady`; both show the end of its log."""
    deadline = time.monotonic() + timeout
    while not is_ready():
        raise_if_dead(child)
        if time.monotonic() > deadline:
            raise NotReady(f"{child.name} was not ready after {timeout:.0f} s.{_log_of(child)}")
        pause(0.02)


def raise_if_dead(child: Child) -> None:
    if child.exit_code is not None:
        raise ChildDied(f"{child.name} ended by itself, exit code {child.exit_code}.{_log_of(child)}")


def answers(port: int, path: str, *, timeout: float = 2) -> bool:
    """Whether GET on the loopback port gives 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _log_of(child: Child) -> str:
    tail = child.log_tail()
    return f" The end of its log:\n{tail}" if tail else " Its log is empty."
