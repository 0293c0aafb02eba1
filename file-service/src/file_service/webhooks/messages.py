"""Makes deliveries of events: what is sent, and what it is about."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from file_service.events.repository import Event
from file_service.events.told import Told
from file_service.webhooks.delivery_repository import Delivery

TEST = "webhook.test"
KEEP_TRYING = timedelta(days=3)


def message_id(delivery_id: UUID) -> str:
    """The same each time that it is sent, and of nothing else: what receivers know by that they have had it."""
    return f"msg_{delivery_id.hex}"


def delivery_of(event: Event, webhook_id: UUID, now: datetime) -> Delivery:
    return _delivery(event, webhook_id, _subject(event), now, expires_at=now + KEEP_TRYING)


def test_of(webhook_id: UUID, now: datetime) -> Delivery:
    """In no log, so its number is none that an event has; sent once, whatever comes of it, and beside all events."""
    event = Event(number=0, type=TEST, path=None, previous_path=None, data="{}", occurred_at=now)
    return _delivery(event, webhook_id, TEST, now, expires_at=now)


def _delivery(event: Event, webhook_id: UUID, subject: str, now: datetime, *, expires_at: datetime) -> Delivery:
    return Delivery(
        id=uuid7(),
        webhook_id=webhook_id,
        number=event.number,
        type=event.type,
        subject=subject,
        body=Told(event).message.decode(),
        expires_at=expires_at,
        created_at=now,
    )


def _subject(event: Event) -> str:
    """The file where it is about one, so that its links and shares are told in order with itself.

    Never raises: what owners have put into it could else stop all their webhooks at this event.
    """
    kind = event.type.partition(".")[0]
    try:
        data = json.loads(event.data)
    except (ValueError, RecursionError):
        return kind
    return str(data.get("file_id") or data.get("id") or kind) if isinstance(data, dict) else kind
