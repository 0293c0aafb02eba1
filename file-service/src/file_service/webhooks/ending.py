"""Ends what a disabled webhook was still to send: little by little, since there may be very much of it."""

from datetime import datetime
from uuid import UUID

from file_service.webhooks import delivery_repository as deliveries
from strongroom.database import Transaction

ENDED = "webhook-disabled"  # why a delivery failed that was not through yet
_PORTION = 1000


async def end_some(tx: Transaction, webhook_id: UUID, disabled_at: datetime) -> bool:
    """Whether there may be more. All of them end when it was disabled, whenever that is done."""
    return await deliveries.end_some(tx, webhook_id, ENDED, disabled_at, _PORTION) >= _PORTION
