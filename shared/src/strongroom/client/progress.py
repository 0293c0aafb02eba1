"""How callers are told how far a transfer has got."""

from collections.abc import Callable

# Called with the bytes that are done, those of an earlier attempt included, and with how many there will be, where that
# is known. What has to be sent again is taken back first. It is called in the event loop, so it is to be quick; what it
# raises ends the transfer.
Progress = Callable[[int, int | None], None]


def silent(done: int, total: int | None) -> None:
    """Nobody wants to know."""
