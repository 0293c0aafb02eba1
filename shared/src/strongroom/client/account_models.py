"""People, sessions and what administrators see, as the auth service tells of them. Times are aware."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from strongroom.client.wire import Wire


class Profile(Wire):
    id: UUID
    email: str
    name: str | None = None
    roles: Sequence[str]
    email_verified: bool
    created_at: AwareDatetime


class User(Profile):
    """As administrators see somebody."""

    disabled_at: AwareDatetime | None = None


class Session(Wire):
    """`current` is the one that asks."""

    id: UUID
    client_id: str
    scope: str
    address: str | None = None
    user_agent: str | None = None
    current: bool = False
    created_at: AwareDatetime
    last_used_at: AwareDatetime
    expires_at: AwareDatetime


class RegisteredClient(Wire):
    """An app or a service account. `public` ones have no secret."""

    client_id: str
    name: str
    scopes: Sequence[str]
    redirect_uris: Sequence[str] = ()
    public: bool = False
    created_at: AwareDatetime


class NewClient(RegisteredClient):
    """`client_secret` is told this once."""

    client_secret: str | None = Field(default=None, repr=False)


class NewSecret(Wire):
    client_id: str
    client_secret: str = Field(repr=False)


class Key(Wire):
    """`state` is `next`, `active` or `retired`."""

    kid: str
    state: str
    created_at: AwareDatetime
    activates_at: AwareDatetime | None = None
    activated_at: AwareDatetime | None = None
    retired_at: AwareDatetime | None = None
    gone_at: AwareDatetime | None = None


class AuditEvent(Wire):
    """`account_id` is whom it concerns, `actor_id` who did it where that is somebody else."""

    id: UUID
    time: AwareDatetime
    event: str
    account_id: UUID | None = None
    actor_id: UUID | None = None
    client_id: str | None = None
    address: str | None = None
    request_id: str | None = None
    details: Mapping[str, Any] = {}


class Job(Wire):
    """`state` is `queued`, `picked` (being done) or `failed` (given up)."""

    id: int
    name: str
    state: str
    attempts: int
    reason: str | None = None
    created_at: AwareDatetime
    due_at: AwareDatetime


class Role(Wire):
    name: str
    scopes: Sequence[str]
