"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from auth_service.accounts.repository import Account


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must not contain control characters")
    return text


def _typeable(password: SecretStr) -> SecretStr:
    if "\0" in password.get_secret_value():
        raise ValueError("must not contain NUL, which no form can send")
    return password


# PostgreSQL's text takes no NUL, and a name ends up in mails and pages.
Name = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
NewPassword = Annotated[SecretStr, Field(max_length=1024), AfterValidator(_typeable)]


class Registration(BaseModel):
    email: str = Field(max_length=320, examples=["ada@example.com"])
    password: NewPassword = Field(examples=["tide-lantern-42-orchard"])
    name: Name | None = None


class User(BaseModel):
    id: UUID
    email: str
    name: str | None
    roles: list[str]
    email_verified: bool
    created_at: datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            email=account.email,
            name=account.name,
            roles=list(account.roles),
            email_verified=account.email_verified,
            created_at=account.created_at,
        )
