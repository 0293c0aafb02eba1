"""Sizes and times as people write and read them."""

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_SIZE = re.compile(r"(\d{1,18}(?:\.\d{1,6})?)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
_STEP = 1024


def duration(text: str) -> timedelta:
    """`30m`, `12h`, `7d`. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no time like 30m, 12h or 7d")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def size(text: str) -> int:
    """Bytes: `500`, `10M`, `1.5GiB`; each step is 1024. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no size like 500M or 10GiB")
    return int(float(found[1]) * _STEP ** " kmgt".index(found[2].lower() or " "))


def shown_size(count: int) -> str:
    """In four characters and a unit at the most."""
    amount, units = float(count), ["B", "KiB", "MiB", "GiB", "TiB"]
    while amount >= _STEP and len(units) > 1:
        amount /= _STEP
        units.pop(0)
    return f"{count} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def shown_time(moment: datetime) -> str:
    """Where the reader is."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def from_now(time: timedelta) -> datetime:
    return datetime.now(UTC) + time
