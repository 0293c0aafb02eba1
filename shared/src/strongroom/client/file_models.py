"""Files and what belongs to them, as the file service tells of them. Sizes are in bytes, times aware."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from strongroom.client.wire import Wire


class Derivation(Wire):
    """What is read inside a file: `state` is `waiting`, `done` or `failed`, with the `reason`."""

    name: str
    state: str
    reason: str | None = None
    detail: str | None = None
    facts: Mapping[str, Any] | None = None
    finished_at: AwareDatetime | None = None


class File(Wire):
    """`path` is the full path in the owner's tree, `sha256` in hexadecimal; `version` counts from 1.

    `derived` is told where one file was asked for.
    """

    id: UUID
    filename: str
    path: str
    size: int
    content_type: str
    sha256: str
    version: int
    tags: Sequence[str] = ()
    metadata: Mapping[str, Any] = {}
    created_at: AwareDatetime
    updated_at: AwareDatetime
    derived: Sequence[Derivation] = ()


class FoundFile(File):
    """A file of a list. One that was found by what is inside has a `snippet` of it (HTML: escaped, what was found is
    within `<mark>`) and the `page`, counted from 1."""

    snippet: str | None = None
    page: int | None = None


class Version(Wire):
    version: int
    size: int
    content_type: str
    declared_type: str | None = None
    sha256: str
    created_at: AwareDatetime


class Folder(Wire):
    """`path` ends without a slash."""

    path: str
    name: str


class Usage(Wire):
    """Old versions and the trash count."""

    bytes: int
    count: int
    quota: int


class Text(Wire):
    title: str | None = None
    language: str | None = None
    page_count: int | None = None
    text: str
    truncated: bool = False


class Thumbnail(Wire):
    """`content` is a picture of the type."""

    content: bytes
    content_type: str


class Link(Wire):
    """Of a file or of a folder. `downloads` are counted for links that have a limit."""

    id: UUID
    file_id: UUID | None = None
    folder: str | None = None
    has_password: bool
    expires_at: AwareDatetime | None = None
    max_downloads: int | None = None
    downloads: int = 0
    created_at: AwareDatetime


class NewLink(Link):
    """`url` is told this once."""

    url: str = Field(repr=False)


class Column(Wire):
    """`type` is `string`, `integer`, `number`, `boolean`, `date` or `datetime`."""

    name: str
    type: str


class RowsPage(Wire):
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    row_count: int


class Event(Wire):
    """`data` is a file for `file.…`, a link for `link.…` and so on; `file` reads it as one."""

    id: str
    type: str
    time: AwareDatetime
    data: Mapping[str, Any]

    @property
    def file(self) -> File | None:
        """Where it is about one."""
        return File.model_validate(self.data) if self.type.startswith("file.") and "path" in self.data else None
