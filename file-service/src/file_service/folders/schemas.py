"""Folders on the wire."""

from pydantic import BaseModel, Field


class FolderMove(BaseModel):
    """Full paths in the owner's tree, with or without a slash at the end."""

    source: str = Field(max_length=1025, examples=["reports/2025"])
    destination: str = Field(max_length=1025, examples=["archive/reports/2025"])


class FolderOutcome(BaseModel):
    file_count: int = Field(description="How many files it concerned")
