"""Whatever is answered to the client library's readers, it is read or refused."""

import pytest
from client_fuzz_targets import TARGETS
from fuzzing import Target, fuzz, names


@pytest.mark.parametrize("target", TARGETS, ids=names(TARGETS))
def test_whatever_is_sent_is_read_or_refused(target: Target) -> None:
    fuzz(target)
