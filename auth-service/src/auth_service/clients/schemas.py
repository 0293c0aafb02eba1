"""Clients on the wire."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from auth_service.accounts.schemas import Name
from auth_service.clients.repository import Client
from auth_service.roles.schemas import Scope


class ClientRegistration(BaseModel):
    name: Name = Field(min_length=1)
    scopes: list[Scope] = Field(max_length=100)
    redirect_uris: list[str] = Field(default_factory=list, max_length=20)
    public: bool = Field(default=False, description="An app on people's devices, which can keep no secret")


class ClientOut(BaseModel):
    client_id: str
    name: str
    scopes: list[str]
    redirect_uris: list[str]
    public: bool
    created_at: datetime

    @classmethod
    def of(cls, client: Client) -> Self:
        return cls(**_shown(client))


class NewClient(ClientOut):
    client_secret: str | None = Field(description="Told this once; only its hash is kept")

    @classmethod
    def with_secret(cls, client: Client, secret: str | None) -> Self:
        return cls(**_shown(client), client_secret=secret)


class NewSecret(BaseModel):
    client_id: str
    client_secret: str


def _shown(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "scopes": list(client.scopes or ()),
        "redirect_uris": list(client.redirect_uris),
        "public": client.secret_digest is None,
        "created_at": client.created_at,
    }
