"""The processes that an installation consists of, each of which can be killed, held still, and brought back."""

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

import psutil
from chaos.bad_line import BadLine

from strongroom_embedded.children import Child, Program
from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.seaweed import EmbeddedSeaweed
from strongroom_embedded.settings import LOOPBACK
from strongroom_embedded.waiting import answers, wait_until_ready

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


class Part(Protocol):
    """To be started in the main thread, as a `Child` is."""

    @property
    def child(self) -> Child | None: ...

    def start(self) -> None:
        """Returns when it is ready. What ran before must have ended."""
        ...

    def launch(self) -> None: ...

    def wait(self) -> None: ...

    def stop(self) -> None: ...


def has_ended(part: Part) -> bool:
    return part.child is None or part.child.exit_code is not None


class OwnProcess:
    """One of ours. `port` is where it tells that it is ready; the worker tells nobody."""

    def __init__(self, program: Program, port: int | None) -> None:
        self.child: Child | None = None
        self.origin = f"http://{LOOPBACK}:{port}"
        self._program = program
        self._port = port

    def start(self, **environment: str) -> None:
        """`environment` is for this time only."""
        self.launch(**environment)
        self.wait()

    def launch(self, **environment: str) -> None:
        self.child = Child(replace(self._program, environment={**self._program.environment, **environment}))

    def wait(self) -> None:
        if self.child is not None and self._port is not None:
            wait_until_ready(self.child, partial(answers, self._port, "/livez"), timeout=_START_SECONDS)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(_STOP_SECONDS)


class Store:
    """A server of others, at the end of a line. It may get another port each time."""

    def __init__(self, server: EmbeddedPostgres | EmbeddedSeaweed, port: Callable[[], int], line: BadLine) -> None:
        self._server = server
        self._port = port
        self.line = line

    @property
    def child(self) -> Child | None:
        return self._server.child

    def start(self) -> None:
        self.launch()
        self.wait()

    def launch(self) -> None:
        self._server.launch()

    def wait(self) -> None:
        self._server.wait_until_ready()
        self.line.lead_to(self._port())

    def stop(self) -> None:
        self._server.stop()


def kill(part: Part) -> None:
    """As a power cut does."""
    assert part.child is not None
    psutil.Process(part.child.pid).kill()
    assert part.child.wait(_STOP_SECONDS)


def hold(part: Part) -> None:
    """It and all that it has started stand still, with everything that they have in hand."""
    _signal(part, signal.SIGSTOP)


def release(part: Part) -> None:
    _signal(part, signal.SIGCONT)


def _signal(part: Part, number: signal.Signals) -> None:
    assert part.child is not None
    process = psutil.Process(part.child.pid)
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.send_signal(number)
