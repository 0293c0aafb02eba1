"""Where a list of folders goes on."""

from file_service.files.errors import InvalidPath
from file_service.files.paths import parse_path
from strongroom.web.pages import InvalidCursor, decode_cursor, encode_cursor


def cursor_at(name: str) -> str:
    return encode_cursor("folders", name)


def name_at(cursor: str | None) -> str:
    """No cursor is the beginning, which is before every name. Raises InvalidCursor."""
    if cursor is None:
        return ""
    of_folders, name = decode_cursor(cursor, length=2)
    if of_folders != "folders" or "/" in name:
        raise InvalidCursor
    try:
        return parse_path(name)
    except InvalidPath as error:
        raise InvalidCursor from error
