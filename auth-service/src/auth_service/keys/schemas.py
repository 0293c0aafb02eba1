"""Signing keys on the wire: their lives, never their private parts."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from auth_service.keys.rotation import KeyLife


class KeyOut(BaseModel):
    kid: str
    state: str = Field(description="`next` (published, not signing), `active`, or `retired` (published till `gone_at`)")
    created_at: datetime
    activates_at: datetime | None = Field(description="When a next key will sign")
    activated_at: datetime | None
    retired_at: datetime | None
    gone_at: datetime | None = Field(description="When nothing that it signed is valid any more, and it is removed")

    @classmethod
    def of(cls, life: KeyLife) -> Self:
        return cls(
            kid=life.key.kid,
            state=life.key.state,
            created_at=life.key.created_at,
            activates_at=life.activates_at,
            activated_at=life.key.activated_at,
            retired_at=life.key.retired_at,
            gone_at=life.gone_at,
        )


class Rotation(BaseModel):
    emergency: bool = Field(default=False, description="The keys are in wrong hands: replace them all, void all tokens")
