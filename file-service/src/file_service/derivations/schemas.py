"""What was derived, on the wire."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from file_service.derivations.repository import Derivation, Total


class DerivationOut(BaseModel):
    name: str = Field(description="Of what reads the file, like `pdf`, `csv` or `image`")
    state: str = Field(description="`waiting`, `done` or `failed`")
    reason: str | None = Field(description="Of what failed: `broken`, `encrypted`, `too-large`, `took-too-long`, …")
    detail: str | None = Field(description="The same as a sentence")
    facts: dict[str, Any] | None = Field(description="What was found out, by `kind`")
    finished_at: datetime | None

    @classmethod
    def of(cls, one: Derivation) -> Self:
        return cls(
            name=one.parser,
            state=one.state,
            reason=one.reason,
            detail=one.detail,
            facts=one.facts,
            finished_at=one.finished_at,
        )


class DerivedUsageOut(BaseModel):
    bytes: int
    objects: int

    @classmethod
    def of(cls, total: Total) -> Self:
        return cls(bytes=total.bytes, objects=total.objects)
