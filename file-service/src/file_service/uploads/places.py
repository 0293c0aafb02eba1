"""Lets no account have so many uploads at once that there is no room for others."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from file_service.uploads.errors import TooManyUploads


class Places:
    """`most` is for each account, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def one(self, account: UUID) -> Iterator[None]:
        """Raises TooManyUploads."""
        if self._taken[account] >= self._most:
            raise TooManyUploads
        self._taken[account] += 1
        try:
            yield
        finally:
            self._taken[account] -= 1
            if not self._taken[account]:
                del self._taken[account]
