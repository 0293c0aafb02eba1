"""Files on the wire."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from file_service.files.paths import filename
from file_service.files.repository import File


class FileOut(BaseModel):
    id: UUID
    filename: str = Field(description="The last segment of `path`")
    path: str = Field(description="The full path in the owner's tree", examples=["reports/2026/q3.pdf"])
    size: int = Field(description="In bytes")
    content_type: str
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
            filename=filename(file.path),
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
