"""Roles and scopes on the wire."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from auth_service.roles.repository import Role

# RFC 6749 §3.3 scope-token.
Scope = Annotated[str, Field(pattern=r"^[\x21\x23-\x5B\x5D-\x7E]+$", max_length=100)]
RoleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=50)]


class RoleScopes(BaseModel):
    scopes: list[Scope] = Field(max_length=100)


class RoleOut(BaseModel):
    name: str
    scopes: list[str]

    @classmethod
    def of(cls, role: Role) -> Self:
        return cls(name=role.name, scopes=list(role.scopes))
