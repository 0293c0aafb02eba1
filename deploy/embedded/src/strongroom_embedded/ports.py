"""Where the servers listen: the sockets that the services inherit, and free ports for servers that bind their own."""

import errno
import random
import socket
from dataclasses import dataclass

from strongroom_embedded.errors import PortTaken
from strongroom_embedded.settings import LOOPBACK

# The kernel gives outgoing connections ports from 32768 up. A server that binds some time after its port was chosen
# must stay below, or one of its own connections may sit on the port by then.
_LOWEST = 10_240
_HIGHEST = 32_767
GRPC_OFFSET = 10_000


@dataclass(frozen=True, slots=True)
class Doors:
    """The sockets that the services inherit, so that nobody can take a port between its choice and its use."""

    gateway: socket.socket
    auth: socket.socket
    files: socket.socket

    @classmethod
    def open(cls, port: int) -> "Doors":
        """Raises `PortTaken`. The gateway's socket listens already, the others refuse callers for now."""
        return cls(_listen(port), _bind(0, reuse=False), _bind(0, reuse=False))

    def close(self) -> None:
        for door in (self.gateway, self.auth, self.files):
            door.close()


def _listen(port: int) -> socket.socket:
    """Listening at once keeps a second launcher out, which SO_REUSEADDR would let bind the same port until then."""
    try:
        door = _bind(port, reuse=True)
        door.listen(socket.SOMAXCONN)
    except OSError as error:
        raise PortTaken(_why_not(port, error)) from error
    return door


def _bind(port: int, *, reuse: bool) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Without it, a port of one's own that was just left counts as taken for a minute.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        door.bind((LOOPBACK, port))
    except OSError:
        door.close()
        raise
    return door


def _why_not(port: int, error: OSError) -> str:
    reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
    return f"Port {port} on {LOOPBACK} {reason}. Set STRONGROOM_PORT to another port, or to 0 for any free one."


def port_of(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


def free_port() -> int:
    """Free now; nothing holds it until its server binds it."""
    return _pick(_LOWEST, _HIGHEST, (0,))


def free_port_pairs(count: int) -> list[int]:
    """Distinct ports that are free together with `port + GRPC_OFFSET`."""
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(_pick(_LOWEST, _HIGHEST - GRPC_OFFSET, (0, GRPC_OFFSET)))
    # With 10,240 as the lowest and 22,767 as the highest, one's port may be another's port + GRPC_OFFSET.
    if chosen & {port + GRPC_OFFSET for port in chosen}:
        return free_port_pairs(count)
    return sorted(chosen)


def _pick(lowest: int, highest: int, offsets: tuple[int, ...]) -> int:
    for _ in range(1000):
        port = random.randint(lowest, highest)  # noqa: S311 (spreads parallel starts apart; nothing secret)
        if all(_is_free(port + offset) for offset in offsets):
            return port
    raise PortTaken(f"No free port between {lowest} and {highest} on {LOOPBACK}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as attempt:
        try:
            attempt.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
