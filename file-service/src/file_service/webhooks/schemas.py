"""Webhooks and their deliveries on the wire."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from file_service.files.paths import LONGEST_PATH
from file_service.webhooks.delivery_repository import Attempt, Delivery
from file_service.webhooks.messages import message_id
from file_service.webhooks.repository import Webhook
from file_service.webhooks.service import Change, NewSecret, Wish
from file_service.webhooks.signing import written
from file_service.webhooks.targets import LONGEST_URL

State = Literal["pending", "delivered", "failed"]


def _printable(text: str) -> str:
    text = unicodedata.normalize("NFC", text)  # as paths are
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


Url = Annotated[
    str, Field(max_length=LONGEST_URL, description="https:// or http://", examples=["https://example.com/hooks/files"])
]
Types = Annotated[
    list[Annotated[str, Field(max_length=100)]],
    Field(description="`file.created`, or `file.*` for all of a kind; none are all", examples=[["file.*"]]),
]
Prefix = Annotated[
    str,
    Field(max_length=LONGEST_PATH, description="Of the paths of what is told", examples=["reports/"]),
    AfterValidator(_printable),
]
Description = Annotated[str, Field(max_length=200), AfterValidator(_printable)]


class NewWebhook(BaseModel):
    # What is not understood could have been meant to leave something out.
    model_config = ConfigDict(extra="forbid")

    url: Url
    types: Types = Field(default_factory=list)
    prefix: Prefix = ""
    description: Description = ""

    def wish(self) -> Wish:
        return Wish(self.url, self.types, self.prefix, self.description)


class WebhookChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    types: Types | None = None
    prefix: Prefix | None = None
    description: Description | None = None
    enabled: bool | None = None
    resume: bool = Field(
        default=False, description="With `enabled: true`: what happened while it was disabled is sent too"
    )

    @model_validator(mode="after")
    def _resumes_what_is_enabled(self) -> Self:
        if self.resume and not self.enabled:
            raise ValueError("`resume` goes with `enabled: true`")
        return self

    def change(self) -> Change:
        return Change(self.url, self.types, self.prefix, self.description, self.enabled, self.resume)


class WebhookOut(BaseModel):
    id: UUID
    url: str
    types: list[str]
    prefix: str
    description: str
    enabled: bool
    disabled_at: datetime | None
    disabled_reason: str | None = Field(description="`by-owner`, `gone` (it answered 410) or `failing`, for days")
    failing_since: datetime | None = Field(description="Since when nothing has arrived")
    created_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        return cls(
            id=webhook.id,
            url=webhook.url,
            types=list(webhook.types),
            prefix=webhook.prefix,
            description=webhook.description,
            enabled=webhook.disabled_at is None,
            disabled_at=webhook.disabled_at,
            disabled_reason=webhook.disabled_reason,
            failing_since=webhook.failing_since,
            created_at=webhook.created_at,
        )


class NewWebhookOut(WebhookOut):
    secret: str = Field(description="Shown this once; signatures are checked with it (Standard Webhooks)")

    @classmethod
    def of_new(cls, made: NewSecret) -> Self:
        return cls(**WebhookOut.of(made.webhook).model_dump(), secret=written(made.secret))


class DisabledEvent(BaseModel):
    """A webhook is told nothing any more. Its URL is left out: other webhooks are told of this too."""

    id: UUID
    description: str
    reason: str = Field(description="`by-owner`, `gone` (it answered 410) or `failing`, for days")
    disabled_at: datetime


class AttemptOut(BaseModel):
    """What the receiver answered is not kept: it could be of somebody who did not want to be asked."""

    at: datetime
    status: int | None = Field(description="Of the answer, if there was one")
    duration_ms: int
    error: str | None = Field(
        description="`refused` (see `status`), `redirected`, `timeout`, `unreachable`, `tls-failed`, `broken-off`, "
        "`name-unknown` (it has no address, or one that is not public), `webhook-address-refused`, …; null for success"
    )

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        return cls(at=attempt.at, status=attempt.status, duration_ms=attempt.duration_ms, error=attempt.error)


class DeliveryOut(BaseModel):
    id: UUID
    message_id: str = Field(description="The header `webhook-id`: the same each time that this is sent")
    event_id: str
    event_type: str
    state: State
    reason: str | None = Field(description="Why it failed")
    next_attempt_at: datetime | None = Field(description="Null also where another one about the same comes first")
    attempts: list[AttemptOut]
    created_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls(
            id=delivery.id,
            message_id=message_id(delivery.id),
            event_id=str(delivery.number),
            event_type=delivery.type,
            state=_state(delivery),
            reason=delivery.reason,
            next_attempt_at=delivery.due_at,
            attempts=[AttemptOut.of(one) for one in delivery.attempts],
            created_at=delivery.created_at,
        )


def _state(delivery: Delivery) -> State:
    match delivery.state:
        case "delivered" | "failed" as state:
            return state
        case _:
            return "pending"
