"""Starts proxies side by side before one bare upstream, and ends them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
from bench.load import TESTS
from bench.peers import Program, Proxy, Site

_START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Contestant:
    """A proxy that runs."""

    name: str
    port: int
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Of its processes together, so far."""
        return sum(sum(one.cpu_times()[:2]) for one in (self.process, *self.process.children(recursive=True)))


@contextmanager
def contest(proxies: Sequence[Proxy], folder: Path, *, logs: bool) -> Iterator[list[Contestant]]:
    """All of them, ready, each before the same upstream."""
    with ExitStack() as running:
        upstream = _free_port()
        command = [sys.executable, "-m", "bench.bare_upstream", str(upstream)]
        running.enter_context(_running("upstream", Program(command), upstream, folder))
        contestants = []
        for proxy in proxies:
            site = Site(folder / proxy.name, _free_port(), upstream, logs)
            site.folder.mkdir(parents=True)
            started = _running(proxy.name, proxy.program(site), site.port, site.folder)
            contestants.append(running.enter_context(started))
        yield contestants


@contextmanager
def _running(name: str, program: Program, port: int, folder: Path) -> Iterator[Contestant]:
    """What it prints goes to a file, its access log too if it is printed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            program.command,
            cwd=TESTS if name == "upstream" else folder,
            env={**_unconfigured(), **program.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_it_answers(process, port, folder / "output.log")
            yield Contestant(name, port, psutil.Process(process.pid))
        finally:
            process.terminate()
            process.wait(timeout=20)


def _unconfigured() -> dict[str, str]:
    """The environment, without what configures a Strongroom that has nothing to do with this."""
    return {name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM_")}


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    with httpx2.Client(trust_env=False) as http:
        while not _answers(http, port):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < until, output.read_text()
            time.sleep(0.05)


def _answers(http: httpx2.Client, port: int) -> bool:
    try:
        return http.get(f"http://127.0.0.1:{port}/files/small").status_code == 200
    except httpx2.TransportError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
