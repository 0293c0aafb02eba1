"""Says of a file what the parsers are to be told that may read it."""

from collections.abc import Mapping
from typing import Any

from file_service.derivations.service import NewObject
from file_service.files.repository import File


def derivable(file: File, options: Mapping[str, Mapping[str, Any]] | None = None) -> NewObject:
    """`options` as in `NewObject`."""
    content = file.content
    return NewObject(
        file.owner_id, content.object_key, file.filename, content.content_type, content.size, options or {}
    )
