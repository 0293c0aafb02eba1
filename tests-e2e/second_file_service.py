"""Another file-service process beside that of a running stack: the second replica that a server would have."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
from stack import Stack

_START_SECONDS = 30


@contextmanager
def second_file_service(stack: Stack) -> Iterator[str]:
    """Its origin, once it is ready. Same settings, same database, same store; a port of its own."""
    with mortal_file_service(stack) as (origin, _):
        yield origin


@contextmanager
def mortal_file_service(stack: Stack) -> Iterator[tuple[str, Callable[[], None]]]:
    """As `second_file_service`, with a way to end it at once, as a power cut would."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        descriptor = listening.fileno()
        environment = {**stack.service("file_service").environ(), "STRONGROOM_LISTEN": f"fd:{descriptor}"}
        process = subprocess.Popen(
            [sys.executable, "-m", "file_service", "serve"],
            env=environment,
            pass_fds=[descriptor],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        origin = "http://{}:{}".format(*listening.getsockname())
        try:
            _wait_until_ready(origin)
            yield origin, process.kill
        finally:
            process.terminate()
            process.wait(timeout=30)


def origin_of(stack: Stack, name: str) -> str:
    """Where a service of the stack itself listens, past the gateway."""
    listening = [one for one in stack.service(name).net_connections("tcp") if one.status == "LISTEN"]
    return f"http://127.0.0.1:{listening[0].laddr.port}"


def _wait_until_ready(origin: str) -> None:
    until = time.monotonic() + _START_SECONDS
    with httpx2.Client(trust_env=False, timeout=_START_SECONDS) as http:
        while http.get(f"{origin}/readyz").status_code != 200:
            assert time.monotonic() < until, "the second file service did not get ready"
