"""Records what came of an attempt, and has the webhook go on from there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from file_service.usage.service import Quotas
from file_service.webhooks import delivery_repository as deliveries
from file_service.webhooks import repository
from file_service.webhooks.backoff import Backoff, wished
from file_service.webhooks.courier import Outcome
from file_service.webhooks.delivery_repository import DELIVERED, DUE, FAILED, SENDING, Attempt, Delivery
from file_service.webhooks.enabling import FAILING, GONE, Enabling
from file_service.webhooks.lanes import Lanes
from file_service.webhooks.lining_up import go_on_with_due
from file_service.webhooks.repository import Webhook
from strongroom.database import Database, Transaction

_GONE = 410
_REMEMBERED = 50  # attempts of one delivery, which its owner can ask for as often as they like


class Recording:
    """`failing_for` is how long a webhook may fail, without a single success, until it is disabled."""

    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        lanes: Lanes,
        enabling: Enabling,
        backoff: Backoff,
        *,
        failing_for: timedelta,
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._lanes = lanes
        self._enabling = enabling
        self._backoff = backoff
        self._failing_for = failing_for

    async def record(
        self, webhook: Webhook, delivery: Delivery, outcome: Outcome, attempt: Attempt, now: datetime
    ) -> None:
        """`webhook` is as it was before. What another one has recorded meanwhile stays. Raises OwnerBusy, OwnerGone.

        Where it has another URL now, what came of the one before tells nothing of it, and what failed goes there next.
        """
        reason = self._to_be_disabled(webhook, delivery, outcome, now)
        async with self._changing(webhook, whole=reason is not None) as tx:
            current = await repository.lock(tx, webhook.id)
            sent = await deliveries.find(tx, delivery.id)
            if current is None or sent is None or sent.state != SENDING or sent.turn != delivery.turn:
                return
            moved = current.url != webhook.url
            changed = await self._change(tx, current, sent, outcome, attempt, now, moved=moved)
            if reason is not None and not moved and self._to_be_disabled(changed, sent, outcome, now) is not None:
                await self._enabling.disable(tx, changed, reason)
            else:
                await self._lanes.go_on(tx, changed, now, {sent.subject})
        await go_on_with_due(self._database, self._lanes, now, webhook.owner_id)

    @asynccontextmanager
    async def _changing(self, webhook: Webhook, *, whole: bool) -> AsyncIterator[Transaction]:
        """The `whole` of what its owner has is locked only where they are to be told something."""
        if whole:
            async with self._quotas.changing(webhook.owner_id) as (tx, _):
                yield tx
        else:
            async with self._database.begin() as tx:
                yield tx

    def _to_be_disabled(self, webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime) -> str | None:
        """Tests count for nothing here: who makes them is there to see how they end."""
        if outcome.error is None or delivery.is_test:
            return None
        if outcome.status == _GONE:
            return GONE
        since = webhook.failing_since
        return FAILING if since is not None and now - since >= self._failing_for else None

    async def _change(
        self,
        tx: Transaction,
        webhook: Webhook,
        delivery: Delivery,
        outcome: Outcome,
        attempt: Attempt,
        now: datetime,
        *,
        moved: bool,
    ) -> Webhook:
        """The webhook as it is now."""
        attempts = [asdict(one) for one in (*delivery.attempts, attempt)][-_REMEMBERED:]
        ended = self._ended(delivery, outcome, now, moved=moved)
        await deliveries.change(tx, delivery.id, attempts=attempts, **ended)
        changed = webhook if moved else self._judged(webhook, delivery, outcome, now)
        if changed != webhook:
            health = {name: getattr(changed, name) for name in ("failures", "failing_since", "resting_until")}
            await repository.change(tx, webhook.id, **health)
        return changed

    def _ended(self, delivery: Delivery, outcome: Outcome, now: datetime, *, moved: bool) -> dict[str, Any]:
        if outcome.error is None:
            return {"state": DELIVERED, "reason": None, "ended_at": now}
        failures = delivery.failures if moved else delivery.failures + 1
        pause = timedelta()
        if not moved:
            pause = max(self._backoff.pause(failures), wished(outcome.retry_after, now))
        if now + pause > delivery.expires_at:
            return {"state": FAILED, "reason": outcome.error, "failures": failures, "ended_at": now}
        return {"state": DUE, "due_at": now + pause, "failures": failures}

    def _judged(self, webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime) -> Webhook:
        if outcome.error is None:
            return replace(webhook, failures=0, failing_since=None, resting_until=None)
        failures = webhook.failures + 1
        rest = max(self._backoff.rest(failures), wished(outcome.retry_after, now))
        return replace(
            webhook,
            failures=failures,
            failing_since=webhook.failing_since if delivery.is_test else webhook.failing_since or now,
            resting_until=now + rest if rest else None,
        )
