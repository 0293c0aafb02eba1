"""Decides whether a call may be made again, and after which pause."""

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

# RFC 9110 §9.2.2: doing it twice is doing it once.
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
PASSING = frozenset({429, 502, 503, 504})

# Nothing of the request has left.
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
BROKEN = (httpx2.NetworkError, httpx2.TimeoutException, httpx2.RemoteProtocolError)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_LONGEST_ASKED_FOR = 30.0


def back_off(attempt: int) -> float:
    """Seconds: doubling with every attempt, from 0 on, and spread."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(attempt, 10)) * random.uniform(0.5, 1)  # noqa: S311


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that a service asks for (RFC 9110 §10.2.3), at most 30. 0 where it asks for none that can be read."""
    value = headers.get("retry-after", "").strip()
    seconds = float(value) if value.isascii() and value.isdecimal() else _until(value)
    return max(0.0, min(seconds, _LONGEST_ASKED_FOR))


def _until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    # A date in words that says nothing of a zone means the only one that HTTP knows.
    return math.ceil((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
