"""Where a list goes on: the place of the last file that a client has, in words that only the list understands."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from uuid import UUID

from file_service.files.listing import Found, Position, position_of
from strongroom.web.pages import InvalidCursor, decode_cursor, encode_cursor


def _moment(text: str) -> datetime:
    """In UTC, as PostgreSQL is told it. Raises ValueError, or OverflowError where that is before or after all time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.astimezone(UTC)


def _text(text: str) -> str:
    """Raises ValueError for a lone surrogate, which nothing that is stored has."""
    text.encode()
    return text


def _finite(text: str) -> float:
    """Raises ValueError."""
    if not isfinite(number := float(text)):
        raise ValueError("not a number")
    return number


_READERS: dict[str, Callable[[str], object]] = {
    "created_at": UUID,
    "updated_at": _moment,
    "trashed_at": _moment,
    "name": _text,
    "path": _text,
    "size": int,
    "relevance": _finite,
}


def cursor_at(found: Found, sort: str) -> str:
    position = position_of(found, sort)
    value = position.value.isoformat() if isinstance(position.value, datetime) else str(position.value)
    return encode_cursor(sort, value, str(position.id))


def position_at(cursor: str | None, sort: str) -> Position | None:
    """No cursor is the beginning. Raises InvalidCursor, also for one of a list in another order."""
    if cursor is None:
        return None
    sorted_by, value, identity = decode_cursor(cursor, length=3)
    if sorted_by != sort or "\0" in value:
        raise InvalidCursor
    try:
        position = Position(_READERS[sort.removeprefix("-")](value), UUID(identity))
    except (ValueError, OverflowError) as error:
        raise InvalidCursor from error
    if isinstance(position.value, int) and not 0 <= position.value < 2**63:
        raise InvalidCursor
    return position
