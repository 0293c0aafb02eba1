"""When what failed is tried again, and how long a receiver that fails is left alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from file_service.http_dates import parse_http_date

_LONGEST_WISH = timedelta(hours=1)


def _table(*seconds: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=one) for one in seconds)


_MINUTE, _HOUR = 60, 3600
_PAUSES = _table(5, 30, 2 * _MINUTE, 10 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, 24 * _HOUR)
# A receiver that is down would be asked for every file that changes, and asked again. One that refuses some messages
# and takes others never gets here.
_RESTS = _table(0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 120, 240)


@dataclass(frozen=True, slots=True)
class Backoff:
    """`pauses` of a message, by how often it failed; `rests` of a receiver, by its failures in a row."""

    pauses: Sequence[timedelta] = _PAUSES
    rests: Sequence[timedelta] = _RESTS

    def pause(self, failures: int) -> timedelta:
        """`failures` count from 1. With jitter, which spreads those that failed together."""
        pause = self.pauses[min(failures, len(self.pauses)) - 1]
        return pause * random.uniform(0.8, 1.2)  # noqa: S311

    def rest(self, failures: int) -> timedelta:
        return self.rests[min(failures, len(self.rests)) - 1]


def wished(retry_after: str | None, now: datetime) -> timedelta:
    """What a `Retry-After` (RFC 9110 §10.2.3) asks for, up to an hour; nothing if it cannot be understood."""
    if retry_after is None:
        return timedelta()
    if retry_after.isascii() and retry_after.isdigit():
        wish = timedelta(seconds=min(int(retry_after[:9]), _LONGEST_WISH.total_seconds()))
    else:
        moment = parse_http_date(retry_after)
        wish = timedelta() if moment is None else moment - now
    return min(max(wish, timedelta()), _LONGEST_WISH)
