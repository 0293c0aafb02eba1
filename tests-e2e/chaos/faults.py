"""All that can happen to an installation, one thing at a time, and how it is undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chaos.crowd import Crowd
from chaos.disks import empty, fill
from chaos.installation import Installation
from chaos.outsider import Outsider
from chaos.parts import hold, kill, release

STORES = ("database", "objects")
PARTS = ("gateway", "auth", "files", "worker", *STORES)
_SLOW = 100_000  # bytes a second
_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
# Seconds; 30 are tolerated. A token from a clock that was ahead may meet one that is behind, and then both count.
_SKEW = 14


class CannotHappen(Exception):
    """Not on this machine; says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    begin: Callable[[], object]
    end: Callable[[], object]

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """What stands still would outlive a test that is broken off."""
        self.begin()
        try:
            yield
        finally:
            self.end()


Make = Callable[[Installation], Fault]


def _killed(name: str, place: Installation) -> Fault:
    part = place.parts[name]
    return Fault(partial(kill, part), part.start)


def _held(name: str, place: Installation) -> Fault:
    part = place.parts[name]
    return Fault(partial(hold, part), partial(release, part))


def _cut(name: str, place: Installation) -> Fault:
    line = place.stores[name].line
    return Fault(line.cut, line.mend)


def _silent(name: str, place: Installation) -> Fault:
    line = place.stores[name].line
    return Fault(line.fall_silent, line.mend)


def _slow(name: str, place: Installation) -> Fault:
    line = place.stores[name].line
    return Fault(partial(line.slow_down, _SLOW), line.mend)


def _full(name: str, place: Installation) -> Fault:
    if place.disks.why_not_small is not None:
        raise CannotHappen(f"there is no small disk: {place.disks.why_not_small}")
    disk = {"database": place.disks.database, "objects": place.disks.objects}[name]
    return Fault(partial(fill, disk), partial(empty, disk))


def _skewed(name: str, by: int, place: Installation) -> Fault:
    if not _LIBRARIES:
        raise CannotHappen("libfaketime is not installed")
    part = place.own[name]
    clock = {"LD_PRELOAD": str(_LIBRARIES[0]), "FAKETIME": f"{by:+d}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def begin() -> None:
        kill(part)
        part.start(**clock)

    def end() -> None:
        kill(part)
        part.start()

    return Fault(begin, end)


def _pool_exhausted(place: Installation) -> Fault:
    """A lock that everybody waits for, and a crowd that comes then."""
    undone = ExitStack()
    outsider = undone.enter_context(Outsider(place.postgres.dsn()))
    crowd = Crowd(place.url)

    def begin() -> None:
        outsider.lock("files.files")
        crowd.come()

    def end() -> None:
        crowd.wait_for_a_refusal()
        undone.close()
        crowd.go()

    return Fault(begin, end)


def _no_connection_left(place: Installation) -> Fault:
    outsider = Outsider(place.postgres.dsn())
    return Fault(outsider.take_every_connection, partial(outsider.__exit__, None, None, None))


def _each(make: Callable[[str, Installation], Fault], what: str, names: Sequence[str]) -> dict[str, Make]:
    return {f"{name} {what}": partial(make, name) for name in names}


KINDS: Mapping[str, Mapping[str, Make]] = {
    "killed": _each(_killed, "is killed", PARTS),
    "still": _each(_held, "stands still", PARTS),
    "cut off": _each(_cut, "is cut off", STORES),
    "silent": _each(_silent, "is silent", STORES),
    "slow": _each(_slow, "is slow", STORES),
    "full": _each(_full, "is on a full disk", STORES),
    "exhausted": {
        "connections of the pool are all taken": _pool_exhausted,
        "connections of the database are all taken": _no_connection_left,
    },
    "clock": {
        "auth is ahead of time": partial(_skewed, "auth", _SKEW),
        "files is behind the time": partial(_skewed, "files", -_SKEW),
    },
}
FAULTS: Mapping[str, Make] = {name: make for kind in KINDS.values() for name, make in kind.items()}
