"""Jobs on the wire."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from strongroom.database.job_list import ListedJob

State = Literal["queued", "picked", "failed"]


class JobOut(BaseModel):
    id: int
    name: str
    state: str = Field(description="`queued`, `picked` (being done) or `failed` (given up)")
    attempts: int
    reason: str | None = Field(description="Why the last attempt failed, if one did")
    created_at: datetime
    due_at: datetime

    @classmethod
    def of(cls, job: ListedJob) -> Self:
        return cls(**asdict(job))
