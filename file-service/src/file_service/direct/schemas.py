"""Direct transfers on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from file_service.direct.errors import PartsIncomplete
from file_service.direct.layout import Layout
from file_service.direct.service import PartAddress
from file_service.direct.signing import SignedUrl
from file_service.resumable.repository import Upload
from file_service.storage.multipart import MOST_PARTS

PartNumber = Annotated[int, Field(ge=1, le=MOST_PARTS)]
Etag = Annotated[str, Field(max_length=200, description="As the store answered it, with quotes or without")]


class DirectCreation(BaseModel):
    path: str = Field(max_length=1024, description="The full path in the owner's tree")
    size: int = Field(ge=1, lt=2**63, description="In bytes, exactly")
    content_type: str | None = Field(default=None, description="What decides in the end is what the bytes are")


class DirectUploadOut(BaseModel):
    id: UUID
    path: str
    size: int = Field(description="In bytes")
    part_size: int = Field(description="Of every part but the last, which has what is left")
    part_count: int
    expires_at: datetime = Field(description="Put off whenever addresses of parts are asked for, up to a week")
    file_id: UUID | None = Field(description="Once it is complete")

    @classmethod
    def of(cls, upload: Upload) -> Self:
        layout = Layout.of(upload)
        assert upload.path is not None
        return cls(
            id=upload.id,
            path=upload.path,
            size=layout.size,
            part_size=layout.part_size,
            part_count=layout.count,
            expires_at=upload.expires_at,
            file_id=upload.file_id,
        )


class PartOut(BaseModel):
    number: int
    size: int = Field(description="In bytes: the store takes neither more nor fewer")
    url: str = Field(description="To PUT the bytes to, without a token")
    expires_at: datetime = Field(description="By then the PUT must have begun")
    etag: str | None = Field(description="Of the bytes that have come already; null if none have")

    @classmethod
    def of(cls, part: PartAddress) -> Self:
        return cls(
            number=part.number,
            size=part.size,
            url=part.signed.url,
            expires_at=part.signed.expires_at,
            etag=part.etag,
        )


class PartsOut(BaseModel):
    items: list[PartOut]

    @classmethod
    def of(cls, parts: Sequence[PartAddress]) -> Self:
        return cls(items=[PartOut.of(part) for part in parts])


class NamedPart(BaseModel):
    number: PartNumber
    etag: Etag


class DirectCompletion(BaseModel):
    parts: list[NamedPart] = Field(max_length=MOST_PARTS, description="Every part, in any order")
    sha256: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$", description="Of the whole, in hexadecimal; refused if it has another"
    )

    def named(self) -> dict[int, str]:
        """The ETags by number. Raises PartsIncomplete if a part is named twice."""
        named = {part.number: part.etag for part in self.parts}
        if len(named) != len(self.parts):
            raise PartsIncomplete("A part is named twice")
        return named


class DirectDownloadOut(BaseModel):
    url: str = Field(description="To GET the bytes from, or a `Range` of them, without a token")
    expires_at: datetime = Field(description="By then the GET must have begun")

    @classmethod
    def of(cls, signed: SignedUrl) -> Self:
        return cls(url=signed.url, expires_at=signed.expires_at)
