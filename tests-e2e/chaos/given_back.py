"""What a process must have given back once nobody asks anything of it: connections, to its database and altogether."""

import re
import time
from collections.abc import Mapping

import httpx2
import psutil
from chaos.installation import Installation

_WITHIN = 30.0  # seconds
_TAKEN = re.compile(r"^strongroom_database_pool_(?:in_use|waiting) (\S+)$", re.MULTILINE)
# Four customers leave some dozens of idle connections behind them.
_MOST_OPEN = 150


def check_given_back(place: Installation) -> Mapping[str, int]:
    """How many files and connections each of ours still has open."""
    until = time.monotonic() + _WITHIN
    for name in ("auth", "files"):
        while taken := _taken(place.own[name].origin):
            assert time.monotonic() < until, f"{name} still has or wants {taken} connections to the database"
            time.sleep(0.1)  # nobody tells when
    still_open = {name: _open(place, name) for name in place.own}
    assert max(still_open.values()) <= _MOST_OPEN, still_open
    return still_open


def _taken(origin: str) -> int:
    found = _TAKEN.findall(httpx2.get(f"{origin}/metrics", trust_env=False, timeout=10).text)
    assert found, "there are no such metrics"
    return round(sum(float(one) for one in found))


def _open(place: Installation, name: str) -> int:
    child = place.own[name].child
    assert child is not None
    return psutil.Process(child.pid).num_fds()
