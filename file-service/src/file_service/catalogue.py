"""What there are for events, as a document for whoever writes a client: AsyncAPI 3.0."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from file_service.derivations import telling as derivations
from file_service.files import telling as files
from file_service.files.schemas import FileOut
from file_service.links import telling as links
from file_service.links.schemas import LinkOut
from file_service.sharing import telling as sharing
from file_service.sharing.schemas import ShareOut
from file_service.usage.schemas import UsageOut
from file_service.usage.service import QUOTA_UPDATED
from file_service.webhooks.enabling import DISABLED
from file_service.webhooks.schemas import DisabledEvent

router = APIRouter(prefix="/files", tags=["events"])

_SCHEMAS = "#/components/schemas/"


class DerivationEvent(BaseModel):
    """What a parser made of the current version of a file; `GET /files/{id}` tells what it found out."""

    file_id: UUID
    path: str
    version: int
    name: str = Field(description="Of what reads the file, like `pdf`, `csv` or `image`")
    state: str = Field(description="`done` or `failed`")
    reason: str | None
    detail: str | None
    finished_at: datetime


# What the `data` of each type is. What goes with a file, like its links, goes without a word of its own.
EVENTS: Mapping[str, type[BaseModel]] = {
    files.CREATED: FileOut,
    files.UPDATED: FileOut,
    files.TRASHED: FileOut,
    files.RESTORED: FileOut,
    files.DELETED: FileOut,
    links.CREATED: LinkOut,
    links.DELETED: LinkOut,
    sharing.CREATED: ShareOut,
    sharing.UPDATED: ShareOut,
    sharing.DELETED: ShareOut,
    derivations.DONE: DerivationEvent,
    derivations.FAILED: DerivationEvent,
    QUOTA_UPDATED: UsageOut,
    DISABLED: DisabledEvent,
}


@router.get("/asyncapi.json")
async def asyncapi() -> dict[str, Any]:
    """The events at `/files/events` as an AsyncAPI 3.0 document."""
    messages = {kind: _message(kind, schema) for kind, schema in EVENTS.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Strongroom events", "version": "0.1.0", "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/files/events",
                "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in messages},
                "bindings": {"ws": {"method": "GET", "query": _QUERY}},
            }
        },
        "operations": {"hear": {"action": "send", "channel": {"$ref": "#/channels/events"}}},
        "components": {"messages": messages, "schemas": _schemas()},
    }


_DESCRIPTION = (
    "What happens to an account's files, links, shares, quota and webhooks, in order. Over a WebSocket each event is a "
    "text message, over HTTP (`text/event-stream`) the `data` of an event. `after`, or `Last-Event-ID`, replays what "
    "was missed. Close codes: 4401 the token ended, 4408 too slow, 4410 not all that was missed is kept, 1012 stopping."
)
_QUERY = {
    "type": "object",
    "properties": {
        "after": {"type": "string", "description": "The id of the last event that the client has"},
        "type": {"type": "array", "items": {"type": "string"}, "description": "Like file.created, or file.*"},
        "prefix": {"type": "string", "description": "Of paths"},
    },
}


def _message(kind: str, schema: type[BaseModel]) -> dict[str, Any]:
    properties = {
        "id": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "Counts an account's events without a gap"},
        "type": {"const": kind},
        "time": {"type": "string", "format": "date-time"},
        "data": {"$ref": _SCHEMAS + schema.__name__},
    }
    return {"name": kind, "payload": {"type": "object", "properties": properties, "required": list(properties)}}


def _schemas() -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    for schema in dict.fromkeys(EVENTS.values()):
        described = schema.model_json_schema(mode="serialization", ref_template=_SCHEMAS + "{model}")
        schemas |= described.pop("$defs", {})
        schemas[schema.__name__] = described
    return schemas
