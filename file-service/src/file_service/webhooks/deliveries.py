"""What an owner sees of what was sent, and can have sent again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from file_service.webhooks import delivery_repository, repository
from file_service.webhooks.delivery_repository import DUE, WAITING, Delivery
from file_service.webhooks.errors import DeliveryNotFound, TestUnderWay, WebhookDisabled, WebhookNotFound
from file_service.webhooks.lanes import Lanes
from file_service.webhooks.messages import KEEP_TRYING, test_of
from file_service.webhooks.repository import Webhook
from strongroom.database import Database, Transaction


class DeliveryLog:
    def __init__(
        self, database: Database, lanes: Lanes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._lanes = lanes
        self._clock = clock

    async def listed(self, owner: UUID, webhook_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Delivery]:
        """Newest first. Raises WebhookNotFound."""
        async with self._database.reading() as connection:
            if await repository.find_of(connection, owner, webhook_id) is None:
                raise WebhookNotFound
            return await delivery_repository.listed(connection, webhook_id, before=before, limit=limit)

    async def test(self, owner: UUID, webhook_id: UUID) -> Delivery:
        """What is sent now, once, whatever its types are. Raises WebhookNotFound, WebhookDisabled, TestUnderWay."""
        now = self._clock()
        async with self._database.begin() as tx:
            webhook = await self._lock(tx, owner, webhook_id)
            delivery = test_of(webhook_id, now)
            if await delivery_repository.is_under_way(tx, webhook_id, delivery.subject):
                raise TestUnderWay
            await delivery_repository.add(tx, [delivery])
            return await self._send_now(tx, webhook, delivery, now)

    async def redeliver(self, owner: UUID, webhook_id: UUID, delivery_id: UUID) -> Delivery:
        """Sent again, also if it had arrived: by the same id, and before younger ones about the same.

        Raises WebhookNotFound, WebhookDisabled, DeliveryNotFound.
        """
        now = self._clock()
        async with self._database.begin() as tx:
            webhook = await self._lock(tx, owner, webhook_id)
            delivery = await delivery_repository.find(tx, delivery_id)
            if delivery is None or delivery.webhook_id != webhook_id:
                raise DeliveryNotFound
            await self._ask_for(tx, delivery, now)
            return await self._send_now(tx, webhook, delivery, now)

    async def _ask_for(self, tx: Transaction, delivery: Delivery, now: datetime) -> None:
        if delivery.state == DUE:
            await delivery_repository.change(tx, delivery.id, due_at=now)
        elif not delivery.is_live:
            expires_at = now if delivery.is_test else now + KEEP_TRYING
            again = {"state": WAITING, "reason": None, "ended_at": None, "failures": 0, "expires_at": expires_at}
            await delivery_repository.change(tx, delivery.id, **again)

    async def _send_now(self, tx: Transaction, webhook: Webhook, delivery: Delivery, now: datetime) -> Delivery:
        """Also where the receiver is left alone for a while: its owner may know that it is back."""
        if webhook.resting_until is not None:
            await repository.change(tx, webhook.id, resting_until=None)
        await self._lanes.go_on(tx, replace(webhook, resting_until=None), now, {delivery.subject})
        queued = await delivery_repository.find(tx, delivery.id)
        assert queued is not None
        return queued

    async def _lock(self, tx: Transaction, owner: UUID, webhook_id: UUID) -> Webhook:
        webhook = await repository.lock(tx, webhook_id)
        if webhook is None or webhook.owner_id != owner:
            raise WebhookNotFound
        if webhook.disabled_at is not None:
            raise WebhookDisabled
        return webhook
