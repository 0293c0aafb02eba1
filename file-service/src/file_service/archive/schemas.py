"""What is asked for to be in an archive."""

from uuid import UUID

from pydantic import BaseModel, Field


class ArchiveRequest(BaseModel):
    """Either of them."""

    ids: list[UUID] | None = Field(default=None, description="At most 1,000 files, which lie side by side in it")
    prefix: str | None = Field(
        default=None, max_length=1025, examples=["reports/2026/"], description="A folder; empty for everything"
    )
