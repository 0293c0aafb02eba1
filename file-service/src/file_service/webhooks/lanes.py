"""Decides which of a webhook's deliveries are sent next: in order where they are about the same, and few at once."""

from collections.abc import Collection
from datetime import datetime

from file_service.webhooks import delivery_repository as deliveries
from file_service.webhooks import repository
from file_service.webhooks.ending import end_some
from file_service.webhooks.repository import Webhook
from strongroom.database import Transaction
from strongroom.database.jobs import JobQueue

DELIVER = "deliver"
_AT_ONCE = 4
_OF_ONE_OWNER = 8


class Lanes:
    """Every call is for a webhook that the transaction has locked, as it is now; so each sees what the others did.

    All webhooks `of_one_owner` have so many places, however many webhooks those are; who finds none free waits in line.
    """

    def __init__(self, jobs: JobQueue, *, at_once: int = _AT_ONCE, of_one_owner: int = _OF_ONE_OWNER) -> None:
        self._jobs = jobs
        self._at_once = at_once
        self._of_one_owner = of_one_owner

    async def go_on(self, tx: Transaction, webhook: Webhook, now: datetime, subjects: Collection[str] = ()) -> None:
        """Has sent what may be. `subjects` are those that have a new delivery, or one less.

        Only what is sent at once is in the queue, so that one who is told of much takes no more of it than others.
        """
        if webhook.disabled_at is not None:
            at = now if await end_some(tx, webhook.id, webhook.disabled_at) else None
        else:
            await deliveries.promote(tx, webhook.id, subjects, now)
            at = await self._send(tx, webhook, now)
        if at != webhook.due_at:
            await repository.change(tx, webhook.id, due_at=at)

    async def _send(self, tx: Transaction, webhook: Webhook, now: datetime) -> datetime | None:
        """When there is more to be sent. None where one of its own on their way has to end first, or none is there."""
        if webhook.resting_until is not None and webhook.resting_until > now:
            return webhook.resting_until
        # Whoever does not answer is asked by one, not by four that all wait for as long as we do.
        free = (1 if webhook.failures else self._at_once) - await deliveries.sending(tx, webhook.id)
        if free <= 0:
            return None
        # Its place in line is since when it waits; whoever comes again goes to the end.
        since = now if webhook.due_at is None else min(webhook.due_at, now)
        places = self._of_one_owner - await repository.places_taken(tx, webhook, since)
        taken = await deliveries.take(tx, webhook.id, now, max(min(free, places), 0))
        await self._jobs.enqueue_all(tx, DELIVER, [{"delivery": str(one), "turn": turn} for one, turn in taken])
        if len(taken) == free:
            return None
        at = await deliveries.next_due(tx, webhook.id)
        return at if at is None or at > now else now if taken else since
