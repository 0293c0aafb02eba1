"""How much memory processes have: at rest, and at most while something goes on."""

import threading
from collections.abc import Mapping

import psutil
from bench.content import MIB

_EVERY = 0.02


class Watch:
    """The most that each process, with those that it had started before, was seen to have resident inside the `with`.

    In MiB. With `newcomers` also those that it starts meanwhile; to find them costs some milliseconds each time.
    """

    def __init__(self, processes: Mapping[str, psutil.Process], *, newcomers: bool = False) -> None:
        self.peaks: dict[str, float] = dict.fromkeys(processes, 0.0)
        self._processes = processes
        self._families = {name: _family(process) for name, process in processes.items()}
        self._newcomers = newcomers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._over.wait(5 * _EVERY if self._newcomers else _EVERY):
            for name, family in self._families.items():
                members = _family(self._processes[name]) if self._newcomers else family
                self.peaks[name] = max(self.peaks[name], sum(map(_resident, members)) / MIB)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        self._thread.join()


def at_rest(process: psutil.Process) -> float:
    """MiB of a process and those under it. Pages that several share count once altogether (PSS), if we may look."""
    return float(sum(map(_proportional, _family(process)))) / MIB


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:  # the file service lets none but root look
        return _resident(process)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]
