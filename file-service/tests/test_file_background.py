"""Work in the background leaves the machine to others, and takes it when there are none."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from file_service.parsers.background import Pace

WORK = """
import sys, time
from file_service.parsers.background import Pace, give_way
if "low" in sys.argv: give_way()
pace, rest = Pace(), "rest" in sys.argv
until = time.monotonic() + 2
while time.monotonic() < until:
    sum(range(200_000))
    if rest: pace.rest()
print(time.process_time())
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a process stood in line")


def test_who_never_stands_in_line_never_rests() -> None:
    pace = Pace()
    assert [pace.due(0.03, 0.001) for _ in range(5)] == [0] * 5


def test_one_crowded_piece_costs_one_rest() -> None:
    pace = Pace()
    assert [pace.due(0.03, stood) for stood in (0.01, 0, 0)] == [0.03, 0, 0]


def test_in_a_crowd_it_soon_works_a_tenth_of_the_time() -> None:
    pace = Pace()
    assert [round(pace.due(0.01, 0.01) / 0.01) for _ in range(5)] == [1, 3, 7, 9, 9]
    assert [round(pace.due(0.01, 0) / 0.01) for _ in range(10)] == [8, 7, 6, 5, 4, 3, 2, 1, 0, 0]


def test_no_rest_is_so_long_that_it_would_be_taken_for_silence() -> None:
    pace = Pace()
    assert max(pace.due(60, 60) for _ in range(9)) == 0.5


@contextmanager
def crowd(core: int) -> Iterator[None]:
    """Somebody who is busy there, in a session of their own as services are."""
    command = ["taskset", "-c", str(core), sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(command, start_new_session=True) as other:
        try:
            yield
        finally:
            other.kill()


@linux
@pytest.mark.parametrize(("words", "most"), [(["rest"], 0.3), (["low"], 0.15)])
def test_beside_another_on_its_core_it_gets_little(words: list[str], most: float) -> None:
    """Half of it would be its share."""
    core = min(os.sched_getaffinity(0))
    with crowd(core):
        begun = time.monotonic()
        command = ["taskset", "-c", str(core), sys.executable, "-c", WORK, *words]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
        assert float(said.stdout) / (time.monotonic() - begun) < most
