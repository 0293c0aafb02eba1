"""How a soak is judged: availability outside of faults only, memory by what a process has for most of its life."""

import pytest
from chaos.journal import Asked, Journal, Window, availability
from chaos.memory import MIB, Life


def journal(*asked: tuple[float, float, bool]) -> Journal:
    """With one fault, from 10 to 20."""
    kept = Journal()
    kept.windows.append(Window("fault", 10, 20))
    for began_at, ended_at, is_good in asked:
        kept.note("somebody", Asked("list", began_at, ended_at, is_good, "503"))
    return kept


def test_what_failed_during_a_fault_is_not_held_against_anybody() -> None:
    kept = journal((1, 2, True), (9, 11, False), (12, 13, False), (19, 30, False), (5, 25, False), (21, 22, True))
    assert availability(kept.during(faults=False)) == 1
    assert kept.during(faults=True) == {"list: 503": 4}


@pytest.mark.parametrize("moment", [1, 21])
def test_what_failed_before_or_after_it_is(moment: float) -> None:
    kept = journal((1, 2, True), (moment, moment + 1, False))
    assert availability(kept.during(faults=False)) == 0.5


def life(*sizes: int) -> Life:
    return Life("files", 0, 90, [size * MIB for size in sizes for _ in range(10)])


def test_memory_that_is_taken_at_first_or_for_a_moment_is_fine() -> None:
    assert life(50, 150, 155).is_flat
    assert life(150, 150, 150, 900, 150, 150, 900, 150, 150).is_flat


def test_memory_that_grows_and_grows_is_not() -> None:
    assert not life(100, 130, 160, 190, 220, 250).is_flat


def test_of_a_short_life_nothing_is_known() -> None:
    assert life(1).is_long
    assert not Life("files", 0, 30).is_long
