"""Files on the wire."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import to_json

from file_service.derivations.repository import Derivation
from file_service.derivations.schemas import DerivationOut
from file_service.files.quotes import Quote
from file_service.files.repository import File
from file_service.files.version_repository import Version

_LARGEST_METADATA = 16 * 1024
_DEEPEST_METADATA = 32
_MOST_TAGS = 50


def _printable(tag: str) -> str:
    if not tag.isprintable() or tag != tag.strip():
        raise ValueError("must be printable, without white space around it")
    return tag


def _bounded(metadata: dict[str, Any]) -> dict[str, Any]:
    if _levels(metadata) > _DEEPEST_METADATA:  # few parsers read what is nested as deeply as JSON may be
        raise ValueError(f"must be nested at most {_DEEPEST_METADATA} levels deep")
    size = len(to_json(metadata))
    for one in scalars(metadata):
        if isinstance(one, str) and "\0" in one:
            raise ValueError("must not contain NUL")
        if isinstance(one, float):
            if not isfinite(one):
                raise ValueError("must contain only finite numbers")
            size += len(f"{Decimal(repr(one)):f}")  # PostgreSQL knows no exponents: it writes 1e308 with 309 digits
    if size > _LARGEST_METADATA:
        raise ValueError(f"must have at most {_LARGEST_METADATA} bytes as JSON, its numbers written out")
    return metadata


def _levels(value: object) -> int:
    """Of objects and arrays; 1 for one with nothing but scalars."""
    level, count = [value], 0
    while level := [one for one in level if isinstance(one, dict | list)]:
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
        count += 1
    return count


def scalars(value: object) -> Iterator[object]:
    """Keys too."""
    left = [value]
    while left:
        match left.pop():
            case dict() as members:
                left += [*members, *members.values()]
            case list() as items:
                left += items
            case scalar:
                yield scalar


def _each_once(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


Tag = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
Tags = Annotated[list[Tag], Field(max_length=_MOST_TAGS), AfterValidator(_each_once)]
Metadata = Annotated[dict[str, Any], AfterValidator(_bounded)]


class FileOut(BaseModel):
    id: UUID
    filename: str = Field(description="The last segment of `path`")
    path: str = Field(description="The full path in the owner's tree", examples=["reports/2026/q3.pdf"])
    size: int = Field(description="In bytes")
    content_type: str = Field(description="What the bytes are, whatever they were declared as")
    sha256: str = Field(description="In hexadecimal")
    version: int = Field(description="1 for the first upload to this path, one more with each further one")
    tags: list[str]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, file: File) -> Self:
        return cls(
            id=file.id,
            filename=file.filename,
            path=file.path,
            size=file.content.size,
            content_type=file.content.content_type,
            sha256=file.content.sha256.hex(),
            version=file.version,
            tags=list(file.tags),
            metadata=file.metadata,
            created_at=file.created_at,
            updated_at=file.updated_at,
        )


class QuotedFile(FileOut):
    """A file that has what was looked for inside."""

    snippet: str = Field(description="HTML: escaped, and what was found within `<mark>`")
    page: int = Field(description="Where that is, counted from 1")

    @classmethod
    def quoting(cls, file: File, quote: Quote) -> Self:
        return cls(**FileOut.of(file).model_dump(), snippet=quote.html, page=quote.page)


def found(file: File, quote: Quote | None) -> FileOut:
    return FileOut.of(file) if quote is None else QuotedFile.quoting(file, quote)


class FileDetails(FileOut):
    derived: list[DerivationOut] = Field(description="What was read inside the file, and what of it could not be")

    @classmethod
    def with_derived(cls, file: File, derived: Sequence[Derivation]) -> Self:
        return cls(**FileOut.of(file).model_dump(), derived=[DerivationOut.of(one) for one in derived])


class FileChange(BaseModel):
    """What is left out stays as it is. `filename` renames inside the folder, `path` moves too."""

    path: str | None = Field(default=None, max_length=1024)
    filename: str | None = Field(default=None, max_length=255)
    tags: Tags | None = None
    metadata: Metadata | None = Field(default=None, description="Any JSON object of at most 16 KiB and 32 levels")


class VersionOut(BaseModel):
    version: int
    size: int = Field(description="In bytes")
    content_type: str
    declared_type: str | None = Field(description="What the client said it was")
    sha256: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        content = version.content
        return cls(
            version=version.number,
            size=content.size,
            content_type=content.content_type,
            declared_type=content.declared_type,
            sha256=content.sha256.hex(),
            created_at=version.created_at,
        )


class Restoration(BaseModel):
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Left out: out of the trash")
    path: str | None = Field(default=None, max_length=1024, description="Out of the trash, but to another place")


class EmptiedTrash(BaseModel):
    file_count: int
