"""Whatever is sent to the gateway's readers, it is read or refused."""

import pytest
from fuzzing import Target, fuzz, names
from gateway_fuzz_targets import TARGETS


@pytest.mark.parametrize("target", TARGETS, ids=names(TARGETS))
def test_whatever_is_sent_is_read_or_refused(target: Target) -> None:
    fuzz(target)
