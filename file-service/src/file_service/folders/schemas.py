"""Folders on the wire."""

from typing import Self

from pydantic import BaseModel, Field


class FolderMove(BaseModel):
    """Full paths in the owner's tree, with or without a slash at the end."""

    source: str = Field(max_length=1025, examples=["reports/2025"])
    destination: str = Field(max_length=1025, examples=["archive/reports/2025"])


class FolderOut(BaseModel):
    path: str = Field(description="The full path in the owner's tree, without a slash at its end")
    name: str = Field(description="The last segment of `path`")

    @classmethod
    def of(cls, folder: str, name: str) -> Self:
        return cls(path=f"{folder}/{name}" if folder else name, name=name)


class FolderOutcome(BaseModel):
    file_count: int = Field(description="How many files it concerned")
