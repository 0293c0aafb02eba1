"""What a listing's table tells of each file: what its JSON does, in the same words."""

from collections.abc import Callable
from datetime import datetime

from pydantic_core import to_json

from file_service.files.repository import File

Cell = str | int

COLUMNS: dict[str, Callable[[File], Cell]] = {
    "id": lambda file: str(file.id),
    "filename": lambda file: file.filename,
    "path": lambda file: file.path,
    "size": lambda file: file.content.size,
    "content_type": lambda file: file.content.content_type,
    "sha256": lambda file: file.content.sha256.hex(),
    "version": lambda file: file.version,
    "tags": lambda file: to_json(list(file.tags)).decode(),
    "metadata": lambda file: to_json(file.metadata).decode(),
    "created_at": lambda file: _moment(file.created_at),
    "updated_at": lambda file: _moment(file.updated_at),
}


def cells(file: File) -> list[Cell]:
    return [cell(file) for cell in COLUMNS.values()]


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
