"""What can be asked of a thumbnail."""

from typing import Annotated, Any

from fastapi import Query

from file_service.parsers.thumbnail_sizes import THUMBNAIL_FORMATS, THUMBNAIL_WIDTHS
from file_service.thumbnails.errors import InvalidWidth

_DESCRIBED = f"In pixels, at most: {', '.join(map(str, THUMBNAIL_WIDTHS))}; what is smaller stays as it is"


async def width(width: Annotated[int, Query(description=_DESCRIBED)] = 256) -> int:
    """Raises InvalidWidth."""
    if width not in THUMBNAIL_WIDTHS:
        raise InvalidWidth(f"The width is one of {', '.join(map(str, THUMBNAIL_WIDTHS))}")
    return width


RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The one of the formats that `Accept` wants most",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in THUMBNAIL_FORMATS.values()},
    },
    304: {"description": "The client has it already (`If-None-Match`)"},
}
