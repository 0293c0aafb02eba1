"""The feed of revocations on the wire: opaque ids and times only."""

from typing import Self

from pydantic import BaseModel, Field

from auth_service.revocations.repository import Revocation
from auth_service.revocations.service import Page


class RevocationOut(BaseModel):
    """Times are in Unix seconds. After `expires_at` nothing that it concerns is valid anyway."""

    kind: str = Field(examples=["session", "subject", "token"])
    id: str = Field(description="The `sid`, `jti` or `sub` of tokens; of a `sub`, those issued until `revoked_at`")
    revoked_at: float
    expires_at: float

    @classmethod
    def of(cls, revocation: Revocation) -> Self:
        return cls(
            kind=revocation.kind,
            id=revocation.revoked,
            revoked_at=revocation.revoked_at.timestamp(),
            expires_at=revocation.expires_at.timestamp(),
        )


class FeedPage(BaseModel):
    items: list[RevocationOut]
    next: int = Field(description="What to ask for `after` next")
    mark: str | None = Field(description="To be sent along with `next`")
    more: bool = Field(description="There is more already")
    reset: bool = Field(description="The number asked for is not known here; these items start from the beginning")

    @classmethod
    def of(cls, page: Page) -> Self:
        return cls(
            items=[RevocationOut.of(one) for one in page.items],
            next=page.next.number,
            mark=page.next.mark,
            more=page.more,
            reset=page.reset,
        )
