"""All that can happen to an installation, one thing at a time, and how it is undone."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chaos.crowd import Crowd
from chaos.disks import empty, fill
from chaos.exhaustion import Outsider
from chaos.installation import Installation
from chaos.parts import OwnProcess, hold, kill, release

PARTS = ("gateway", "auth", "files", "worker", "database", "objects")
_SLOW = 100_000  # bytes a second
_LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
_SKEW = 25  # seconds; 30 are tolerated


class CannotHappen(Exception):
    """Not on this machine; says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    begin: Callable[[], object]
    end: Callable[[], object]


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
    return Fault(partial(_restart, part, **clock), partial(_restart, part))


def _restart(part: OwnProcess, **environment: str) -> None:
    part.stop()
    part.start(**environment)


def _pool_exhausted(place: Installation) -> Fault:
    """A lock that everybody waits for, and a crowd that comes then."""
    undone = ExitStack()
    outsider = undone.enter_context(Outsider(place.postgres.dsn()))
    crowd = Crowd(place.url)

    def begin() -> None:
        outsider.lock("files.files")
        crowd.come()

    def end() -> None:
        undone.close()
        crowd.go()

    return Fault(begin, end)


def _no_connection_left(place: Installation) -> Fault:
    outsider = Outsider(place.postgres.dsn())
    return Fault(outsider.take_every_connection, partial(outsider.__exit__, None, None, None))


FAULTS: Mapping[str, Make] = {
    **{f"{part} is killed": partial(_killed, part) for part in PARTS},
    **{f"{part} stands still": partial(_held, part) for part in PARTS},
    **{
        f"{part} is {how}": partial(make, part)
        for how, make in (("cut off", _cut), ("silent", _silent), ("slow", _slow), ("on a full disk", _full))
        for part in ("database", "objects")
    },
    "connections of the pool are all taken": _pool_exhausted,
    "connections of the database are all taken": _no_connection_left,
    "auth is ahead of time": partial(_skewed, "auth", _SKEW),
    "files is behind the time": partial(_skewed, "files", -_SKEW),
}
