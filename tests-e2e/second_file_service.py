"""Another file-service process beside that of a running stack: the second replica that a server would have."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from replicas import Replica
from stack import Stack


@contextmanager
def second_file_service(stack: Stack) -> Iterator[str]:
    """Its origin, once it is ready. Same settings, same database, same store; a port of its own."""
    with mortal_file_service(stack) as (origin, _):
        yield origin


@contextmanager
def mortal_file_service(stack: Stack) -> Iterator[tuple[str, Callable[[], None]]]:
    """As `second_file_service`, with a way to end it at once, as a power cut would."""
    service = Replica(stack, "file_service")
    try:
        service.start()
        yield service.origin, service.kill
    finally:
        service.stop()


def origin_of(stack: Stack, name: str) -> str:
    """Where a service of the stack itself listens, past the gateway."""
    listening = [one for one in stack.service(name).net_connections("tcp") if one.status == "LISTEN"]
    return f"http://127.0.0.1:{listening[0].laddr.port}"
