"""A long time of everything, with faults at random: nothing promised is lost, and outside of the faults all works."""

import os
import random
import secrets
import time
from collections.abc import Iterator

import pytest
from chaos.faults import FAULTS, CannotHappen, Fault
from chaos.given_back import check_given_back
from chaos.installation import Installation
from chaos.journal import availability
from chaos.load import Load
from chaos.memory import Memory
from chaos.report import report

pytestmark = pytest.mark.heavy

_CUSTOMERS = 6
_LASTS = (1.0, 4.0)  # seconds of a fault
_QUIET = (4.0, 9.0)  # seconds between two
# Of a thousand requests that meet no fault, from its beginning until the gateway says that all is well again, at most
# one may fail.
_BUDGET = 0.001


def at_random(place: Installation, chance: random.Random) -> Iterator[tuple[str, Fault]]:
    """All that can happen here, in another order each time round."""
    while True:
        for name in chance.sample(list(FAULTS), len(FAULTS)):
            try:
                yield name, FAULTS[name](place)
            except CannotHappen:
                continue


def soak(place: Installation, load: Load, seconds: float, chance: random.Random) -> None:
    """Quiet and faults in turn, for so long."""
    faults = at_random(place, chance)
    until = time.monotonic() + seconds
    while time.monotonic() < until and not load.journal.wrong:
        time.sleep(chance.uniform(*_QUIET))
        name, fault = next(faults)
        with load.journal.broken(name):
            with fault.lasting():
                time.sleep(chance.uniform(*_LASTS))
            place.recover()
        load.wait_until_served(1)
    load.wait_until_served(10)


def test_a_soak(roomy_place: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    minutes = float(os.environ.get("MINUTES") or 2)
    seed = os.environ.get("SEED") or secrets.token_hex(4)
    with capsys.disabled():
        print(f"\na soak of {minutes:g} minutes; this one again: make chaos MINUTES={minutes:g} SEED={seed}")
    memory = Memory(roomy_place.own)
    with Load(roomy_place.url, seed, count=_CUSTOMERS) as load:
        began_at = time.monotonic()
        with memory.watched(), load.going_on():
            soak(roomy_place, load, 60 * minutes, random.Random(seed))
        with capsys.disabled():
            print("\n".join(report(load.journal, memory.lives, seconds=time.monotonic() - began_at)))
        load.check()
    still_open = check_given_back(roomy_place)
    with capsys.disabled():
        print(f"everything that was promised is there, all jobs are done; still open: {still_open}")
    assert availability(load.journal.during(faults=False)) >= 1 - _BUDGET
    assert not [(life.name, life.thirds) for life in memory.lives if life.is_long and not life.is_flat]
