"""What was derived, on the wire."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from file_service.derivations.repository import Derivation


class DerivationOut(BaseModel):
    name: str = Field(description="Of what reads the file, like `pdf`, `csv` or `image`")
    state: Literal["waiting", "done", "failed"]
    reason: str | None = Field(description="Of what failed: `broken`, `encrypted`, `too-large`, `took-too-long`, …")
    detail: str | None = Field(description="The same as a sentence")
    facts: dict[str, Any] | None = Field(description="What was found out, by `kind`")
    finished_at: datetime | None

    @classmethod
    def of(cls, one: Derivation) -> Self:
        return cls(
            name=one.parser,
            state=one.state,  # type: ignore[arg-type] # the table has no other
            reason=one.reason,
            detail=one.detail,
            facts=one.facts,
            finished_at=one.finished_at,
        )
