"""Enables and disables webhooks, and tells their owners of the latter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from file_service.events import repository as events
from file_service.webhooks import delivery_repository as deliveries
from file_service.webhooks import repository
from file_service.webhooks.ending import ENDED, end_some
from file_service.webhooks.errors import StillEnding
from file_service.webhooks.lanes import Lanes
from file_service.webhooks.messages import KEEP_TRYING
from file_service.webhooks.repository import Webhook
from strongroom.database import Transaction

log = structlog.get_logger()

DISABLED = "webhook.disabled"
BY_OWNER, GONE, FAILING = "by-owner", "gone", "failing"
_HEALTHY: dict[str, int | None] = {"failures": 0, "failing_since": None, "resting_until": None}


class Enabling:
    """The owner is to be locked, then the webhook."""

    def __init__(self, lanes: Lanes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._lanes = lanes
        self._clock = clock

    async def set(self, tx: Transaction, webhook: Webhook, *, enabled: bool | None, resume: bool) -> None:
        """None, and what it is already, change nothing. Raises StillEnding."""
        if enabled is True and webhook.disabled_at is not None:
            await self._enable(tx, webhook, webhook.disabled_at, resume=resume)
        if enabled is False and webhook.disabled_at is None:
            await self.disable(tx, webhook, BY_OWNER)

    async def disable(self, tx: Transaction, webhook: Webhook, reason: str) -> None:
        """What is told leaves the URL out: other webhooks are told too, and there may be a secret in it."""
        now = self._clock()
        # The owner is not kept waiting for all that is to end: whoever looks at what is due does the rest.
        due_at = now if await end_some(tx, webhook.id, now) else None
        await repository.change(tx, webhook.id, disabled_at=now, disabled_reason=reason, due_at=due_at)
        told = {"id": webhook.id, "description": webhook.description, "reason": reason, "disabled_at": now}
        await events.append(tx, webhook.owner_id, DISABLED, told)
        log.warning("webhook.disabled", webhook_id=str(webhook.id), reason=reason)

    async def _enable(self, tx: Transaction, webhook: Webhook, disabled_at: datetime, *, resume: bool) -> None:
        """It goes on from now; or, to `resume`, from where it was, with what was on its way, as far as that is kept.

        Raises StillEnding.
        """
        now = self._clock()
        if await end_some(tx, webhook.id, disabled_at):
            raise StillEnding
        last = webhook.dispatched if resume else (await events.bounds(tx, webhook.owner_id)).last
        values = {**_HEALTHY, "disabled_at": None, "disabled_reason": None, "due_at": None, "dispatched": last}
        await repository.change(tx, webhook.id, **values)
        if resume:
            again = await deliveries.revive(tx, webhook.id, ENDED, disabled_at, now + KEEP_TRYING)
            enabled = replace(webhook, disabled_at=None, failures=0, resting_until=None, due_at=None)
            await self._lanes.go_on(tx, enabled, now, again)
        log.info("webhook.enabled", webhook_id=str(webhook.id))
