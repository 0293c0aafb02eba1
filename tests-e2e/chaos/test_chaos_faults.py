"""Whatever fails in the middle of everything: what was answered is true. Where it is not, that is noticed."""

import time

import pytest
from chaos.faults import KINDS, CannotHappen
from chaos.installation import Installation
from chaos.load import Load
from chaos.report import outcomes
from chaos.sabotage import SABOTAGES

pytestmark = pytest.mark.heavy

_CUSTOMERS = 4
_SERVED = 5  # times each of them, between two faults
_LASTS = 2.0  # seconds: long enough for each of them to ask for something


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_answered_is_true_whatever_fails(place: Installation, kind: str) -> None:
    try:
        faults = {name: make(place) for name, make in KINDS[kind].items()}
    except CannotHappen as reason:
        pytest.skip(str(reason))
    with Load(place.url, kind, count=_CUSTOMERS) as load:
        with load.going_on():
            for name, fault in faults.items():
                load.wait_until_served(_SERVED)
                with load.journal.broken(name):
                    with fault.lasting():
                        time.sleep(_LASTS)
                    place.recover()
            load.wait_until_served(_SERVED)
        load.check()
    print("\n".join(outcomes(load.journal)))


@pytest.mark.parametrize("name", SABOTAGES)
def test_a_file_that_suffered_is_noticed(place: Installation, name: str) -> None:
    sabotage, complaint = SABOTAGES[name]
    with Load(place.url, name, count=2) as load:
        with load.going_on():
            load.wait_until_served(20)
        victim = next(entry for customer in load.customers for entry in customer.ledger.present())
        sabotage(place, str(victim.id))
        with pytest.raises(AssertionError, match=complaint):
            load.check()
