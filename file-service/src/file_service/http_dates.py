"""Reads and writes the dates of HTTP headers (RFC 9110 §5.6.7)."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
# What is sent today, and the two forms of old that are to be understood still.
_HTTP_DATE = re.compile(
    rf"{_DAY}, [0-9]{{2}} {_MONTH} [0-9]{{4}} {_TIME} GMT"
    rf"|{_LONG_DAY}, [0-9]{{2}}-{_MONTH}-[0-9]{{2}} {_TIME} GMT"
    rf"|{_DAY} {_MONTH} [ 0-9][0-9] {_TIME} [0-9]{{4}}"
)


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str | None) -> datetime | None:
    """None also for what is no HTTP-date: a condition that cannot be read is as if it had not been sent."""
    if text is None or not _HTTP_DATE.fullmatch(text.strip()):
        return None
    try:
        return parsedate_to_datetime(text.strip()).replace(tzinfo=UTC)
    except ValueError:  # the 31st of February
        return None


def to_the_second(moment: datetime) -> datetime:
    """All that a header can tell of it."""
    return moment.replace(microsecond=0)
