"""Services of our own beside a running stack, with its settings, at addresses that they keep however they end."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2
import psutil
from stack import Stack

from strongroom_embedded.ports import free_port

_START_SECONDS = 30


class Replica:
    """A process of a service, with the settings of the stack's own but for those that are given."""

    def __init__(self, stack: Stack, module: str, *, port: int | None = None, **settings: str) -> None:
        self.port = port or free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._module = module
        listen = {"STRONGROOM_LISTEN": f"127.0.0.1:{self.port}"}
        self._environment = {**stack.service(module).environ(), **settings, **listen}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def start(self) -> None:
        """Returns when it is ready."""
        command = [sys.executable, "-m", self._module, "serve"]
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + _START_SECONDS
        with httpx2.Client(trust_env=False, timeout=_START_SECONDS) as http:
            while not self._is_ready(http):
                assert self._process.poll() is None, f"{self._module} has ended"
                assert time.monotonic() < until, f"{self._module} did not get ready"
                time.sleep(0.02)  # nobody tells when it listens

    def _is_ready(self, http: httpx2.Client) -> bool:
        try:
            return http.get(f"{self.origin}/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self) -> None:
        """As a server's manager does: it may finish what it has begun."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        """As a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None


@contextmanager
def replicas(stack: Stack, count: int, *, port: int | None = None) -> Iterator[tuple[Replica, list[Replica]]]:
    """A gateway, and the file services behind it, all of them running."""
    with ExitStack() as running:
        services = [Replica(stack, "file_service") for _ in range(count)]
        origins = ",".join(one.origin for one in services)
        gateway = Replica(stack, "gateway", port=port, STRONGROOM_FILES_URL=origins)
        for one in (*services, gateway):
            running.callback(one.stop)
            one.start()
        yield gateway, services
