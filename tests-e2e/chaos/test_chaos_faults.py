"""Whatever fails in the middle of everything: what was answered is true, and afterwards all is as before."""

import time

import pytest
from chaos.faults import FAULTS, CannotHappen
from chaos.installation import Installation
from chaos.load import Load

pytestmark = pytest.mark.heavy

_CUSTOMERS = 4
_LASTS = 2.5  # seconds: longer than an examination waits, shorter than clients do


@pytest.mark.parametrize("name", FAULTS)
def test_what_was_answered_is_true_whatever_fails(place: Installation, name: str) -> None:
    try:
        fault = FAULTS[name](place)
    except CannotHappen as reason:
        pytest.skip(str(reason))
    load = Load(place.url, name, count=_CUSTOMERS)
    with load.going_on():
        load.wait_until_served(10)
        with load.journal.broken(name):
            fault.begin()
            time.sleep(_LASTS)  # it is to last a while
            fault.end()
            place.recover()
        load.wait_until_served(10)
    load.check()
    print(f"{name}: {dict(load.journal.during(faults=True))}")
