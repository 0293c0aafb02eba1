"""Tells a client how the parser ended that it waited for."""

from collections.abc import Iterator
from contextlib import contextmanager

from file_service.derivations.errors import UnreadableFile
from file_service.sandbox.errors import Interrupted, Unreadable
from file_service.sandbox.pool import Busy


@contextmanager
def told() -> Iterator[None]:
    """Raises UnreadableFile, or Busy where the file is not to blame."""
    try:
        yield
    except Unreadable as ending:
        raise UnreadableFile(ending.reason, ending.detail) from ending
    except Interrupted:
        raise Busy from None
