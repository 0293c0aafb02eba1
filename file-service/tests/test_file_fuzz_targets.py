"""Whatever is sent to the file service's readers, and whatever is inside files, it is read or refused."""

import warnings

import file_fuzz_headers
import file_fuzz_parsers
import file_fuzz_targets
import pytest
from fuzzing import Target, fuzz, names

TARGETS = [*file_fuzz_headers.TARGETS, *file_fuzz_targets.TARGETS, *file_fuzz_parsers.TARGETS]


@pytest.mark.parametrize("target", TARGETS, ids=names(TARGETS))
def test_whatever_is_sent_is_read_or_refused(target: Target) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries warn of what they leave out of a damaged file
        fuzz(target)
