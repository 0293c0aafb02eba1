"""The directory that holds everything a stack keeps, claimed by one launcher at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from strongroom_embedded.errors import DirectoryInUse, ServerFailed


@contextmanager
def claimed(directory: Path) -> Iterator[None]:
    """Makes the directory and holds its lock, which the kernel drops however the launcher ends."""
    try:
        # Listed by its owner alone, but open to walk through for the account that PostgreSQL runs as.
        directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = (directory / "lock").open("w")
    except OSError as error:
        raise ServerFailed(f"The data directory {directory} cannot be used: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(
                f"Another launcher already runs on {directory}. Set STRONGROOM_DATA to another directory."
            ) from None
        yield
