"""Whatever lies in the place of a backup, it is read or found to be damaged."""

import pytest
from backup_fuzz_targets import TARGETS
from fuzzing import Target, fuzz, names


@pytest.mark.parametrize("target", TARGETS, ids=names(TARGETS))
def test_whatever_lies_there_is_read_or_refused(target: Target) -> None:
    fuzz(target)
