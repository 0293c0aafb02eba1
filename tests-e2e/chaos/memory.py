"""Whether our processes keep the memory that they take."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median

import psutil
from chaos.parts import OwnProcess

MIB = 1024 * 1024
_EVERY = 0.5  # seconds
_LONG = 60.0  # seconds; what lives shorter is still growing into its work
_GROWTH, _NOISE = 1.1, 8 * MIB


@dataclass(slots=True)
class Life:
    """Of one process, from one start to its end. `sizes` are of its resident memory, in bytes, at even intervals."""

    name: str
    began_at: float
    ended_at: float
    sizes: list[int] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.ended_at - self.began_at

    @property
    def is_long(self) -> bool:
        return self.seconds >= _LONG

    @property
    def thirds(self) -> tuple[float, float, float]:
        """The median of each."""
        third = max(1, len(self.sizes) // 3)
        return (
            median(self.sizes[:third]),
            median(self.sizes[third : 2 * third] or self.sizes),
            median(self.sizes[-third:]),
        )

    @property
    def is_flat(self) -> bool:
        """In the last third of its life it has, as a rule, no more than in the middle, but for a tenth and 8 MiB."""
        _, middle, last = self.thirds
        return last <= _GROWTH * middle + _NOISE


class Memory:
    """`lives` are those of the processes that were watched."""

    def __init__(self, parts: Mapping[str, OwnProcess]) -> None:
        self._parts = parts
        self._lives: dict[tuple[str, int], Life] = {}
        self._over = threading.Event()

    @contextmanager
    def watched(self) -> Iterator["Memory"]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    @property
    def lives(self) -> Sequence[Life]:
        return list(self._lives.values())

    def _watch(self) -> None:
        while not self._over.wait(_EVERY):
            for name, part in self._parts.items():
                child = part.child
                with suppress(psutil.Error):  # it is just being killed
                    if child is not None:
                        self._note(name, child.pid)

    def _note(self, name: str, pid: int) -> None:
        size = psutil.Process(pid).memory_info().rss
        now = time.monotonic()
        life = self._lives.setdefault((name, pid), Life(name, now, now))
        life.ended_at = now
        life.sizes.append(size)
