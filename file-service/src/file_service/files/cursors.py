"""Where a list goes on: the place of the last file that a client has, in words that only the list understands."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from file_service.files.listing import Position, position_of
from file_service.files.repository import File
from strongroom.web.pages import InvalidCursor, decode_cursor, encode_cursor

_READERS: dict[str, Callable[[str], object]] = {
    "created_at": UUID,
    "updated_at": datetime.fromisoformat,
    "trashed_at": datetime.fromisoformat,
    "name": str,
    "path": str,
    "size": int,
}


def cursor_at(file: File, sort: str) -> str:
    position = position_of(file, sort)
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
    except ValueError as error:
        raise InvalidCursor from error
    if isinstance(position.value, int) and not 0 <= position.value < 2**63:
        raise InvalidCursor
    if isinstance(position.value, datetime) and position.value.tzinfo is None:
        raise InvalidCursor
    return position
