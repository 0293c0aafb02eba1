"""What must come to an end once nobody asks for anything: jobs, and what processes have taken to do their work."""

import re
import time
from collections.abc import Mapping

import httpx2
import psutil
from chaos.installation import Installation

_WITHIN = 120.0  # seconds: what failed several times is put off for so long
_TAKEN = re.compile(r"^strongroom_database_pool_(?:in_use|waiting) (\S+)$", re.MULTILINE)
_UNDONE = re.compile(r"^strongroom_jobs{.*} (\S+)$", re.MULTILINE)
# The gateway keeps up to 128 to each service for a minute.
_MOST_OPEN = 400


def check_given_back(place: Installation) -> Mapping[str, int]:
    """How many files and connections each of ours still has open."""
    for name in ("auth", "files"):
        _wait_for_none(place.own[name].origin, _UNDONE)
        _wait_for_none(place.own[name].origin, _TAKEN)
    still_open = {name: _open(place, name) for name in place.own}
    assert max(still_open.values()) <= _MOST_OPEN, still_open
    return still_open


def _wait_for_none(origin: str, what: re.Pattern[str]) -> None:
    until = time.monotonic() + _WITHIN
    while found := _sum(origin, what):
        assert time.monotonic() < until, f"{found} of {what.pattern} are left at {origin}"
        time.sleep(0.2)  # nobody tells when


def _sum(origin: str, what: re.Pattern[str]) -> int:
    page = httpx2.get(f"{origin}/metrics", trust_env=False, timeout=10).text
    assert "strongroom_database_pool_in_use" in page
    return round(sum(float(one) for one in what.findall(page)))


def _open(place: Installation, name: str) -> int:
    child = place.own[name].child
    assert child is not None
    return psutil.Process(child.pid).num_fds()
