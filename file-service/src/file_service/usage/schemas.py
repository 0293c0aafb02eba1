"""Usage and quotas on the wire."""

from typing import Self

from pydantic import BaseModel, Field

from file_service.usage.service import Usage


class UsageOut(BaseModel):
    """Old versions and the trash count, derived objects don't."""

    bytes: int
    count: int = Field(description="Files, those in the trash included")
    quota: int = Field(description="In bytes")

    @classmethod
    def of(cls, usage: Usage) -> Self:
        return cls(bytes=usage.bytes, count=usage.count, quota=usage.quota)


class QuotaChange(BaseModel):
    quota: int | None = Field(ge=0, lt=2**63, description="In bytes; null for the default one")
