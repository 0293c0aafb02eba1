"""Damaged and missing versions on the wire."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from file_service.integrity.repository import Faulty
from file_service.integrity.service import Findings
from strongroom.web.pages import Page


class FaultyVersion(BaseModel):
    file_id: UUID
    version: int
    owner_id: UUID
    path: str
    size: int = Field(description="In bytes, as it was stored")
    sha256: str = Field(description="In hexadecimal, as it was stored")
    object_key: str = Field(description="Where in the bucket a backup would have to go")
    damaged_at: datetime | None = Field(description="When the bytes were found to be others")
    missing_at: datetime | None = Field(description="When there were found to be none")

    @classmethod
    def of(cls, faulty: Faulty) -> Self:
        version = faulty.version
        return cls(
            file_id=version.file_id,
            version=version.number,
            owner_id=faulty.owner_id,
            path=faulty.path,
            size=version.size,
            sha256=version.sha256.hex(),
            object_key=version.object_key,
            damaged_at=version.damaged_at,
            missing_at=version.missing_at,
        )


class IntegrityOut(Page[FaultyVersion]):
    damaged: int = Field(description="How many versions in all")
    missing: int = Field(description="How many versions in all")
    scrubbed_at: datetime | None = Field(description="When stored bytes were last read again")
    swept_at: datetime | None = Field(description="When the bucket was last gone through to the end")

    @classmethod
    def with_findings(cls, findings: Findings, page: Page[FaultyVersion]) -> Self:
        return cls(
            items=page.items,
            next_cursor=page.next_cursor,
            damaged=findings.counts.damaged,
            missing=findings.counts.missing,
            scrubbed_at=findings.scrubbed_at,
            swept_at=findings.swept_at,
        )
