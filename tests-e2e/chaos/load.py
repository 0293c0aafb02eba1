"""Several customers at work at the same time."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import uuid4

from chaos.customer import Customer
from chaos.journal import Journal


class Load:
    """`seed` decides what they do; in which order it meets the faults is up to the machine."""

    def __init__(self, url: str, seed: str, *, count: int) -> None:
        self.journal = Journal()
        run = uuid4().hex[:8]
        everybody: deque[tuple[str, str]] = deque(maxlen=100)
        self.customers = [
            Customer(url, f"c{number}-{run}", f"{seed}/{number}", self.journal, everybody) for number in range(count)
        ]
        self._is_over = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self.customers:
            one.close()

    @contextmanager
    def going_on(self) -> Iterator["Load"]:
        threads = [threading.Thread(target=one.work, args=(self._is_over,)) for one in self.customers]
        for one in self.customers:
            one.begin()
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()

    def wait_until_served(self, times: int) -> None:
        """Each of them, so many times more."""
        self.journal.wait_for_more([one.who for one in self.customers], times)

    def check(self) -> None:
        """Every promise that was made, now that nothing is broken and nobody works."""
        before = self.journal.unavailable
        for one in self.customers:
            one.check()
        assert not self.journal.wrong, "\n".join(self.journal.wrong)
        assert self.journal.unavailable == before, "nothing was broken any more"
