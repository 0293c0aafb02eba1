"""Several file services behind a gateway of their own, any of which can be restarted where it listens."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2
from stack import Stack

_START_SECONDS = 30


class Replica:
    """A process of a service, with the settings of the stack's own, at an address that stays."""

    def __init__(self, stack: Stack, module: str, **settings: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._address = "{}:{}".format(*free.getsockname())
        self.origin = f"http://{self._address}"
        self._module = module
        self._environment = {**stack.service(module).environ(), **settings, "STRONGROOM_LISTEN": self._address}
        self._process: subprocess.Popen[bytes] | None = None

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


@contextmanager
def replicas(stack: Stack, count: int) -> Iterator[tuple[str, list[Replica]]]:
    """The origin of the gateway, and the file services behind it, all of them running."""
    with ExitStack() as running:
        services = [Replica(stack, "file_service") for _ in range(count)]
        gateway = Replica(stack, "gateway", STRONGROOM_FILES_URL=",".join(one.origin for one in services))
        for one in (*services, gateway):
            running.callback(one.stop)
            one.start()
        yield gateway.origin, services
