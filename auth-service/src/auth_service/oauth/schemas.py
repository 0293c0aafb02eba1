"""The token endpoint on the wire."""

from typing import Self

from pydantic import BaseModel, Field

from auth_service.oauth.service import Grant


class TokenRequest(BaseModel):
    """RFC 6749 §4.3.2 and §6, `application/x-www-form-urlencoded`. Each parameter at most once."""

    grant_type: str = Field(examples=["password"])
    username: str | None = None
    password: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


class TokenAnswer(BaseModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - RFC 6749 §7.1, not a secret
    expires_in: int
    refresh_token: str
    scope: str

    @classmethod
    def of(cls, grant: Grant) -> Self:
        return cls(
            access_token=grant.access_token,
            expires_in=grant.expires_in,
            refresh_token=grant.refresh_token,
            scope=grant.scope,
        )
