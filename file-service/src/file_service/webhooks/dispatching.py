"""Follows the logs of owners who have webhooks, and makes deliveries of what has happened."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from file_service.events import repository as events
from file_service.events.repository import Event
from file_service.events.wanted import Wanted
from file_service.webhooks import delivery_repository as deliveries
from file_service.webhooks import pruning_repository, repository
from file_service.webhooks.ending import ENDED
from file_service.webhooks.lanes import Lanes
from file_service.webhooks.lining_up import go_on_with_due
from file_service.webhooks.messages import delivery_of
from file_service.webhooks.repository import Webhook
from strongroom.database import Database, Transaction

log = structlog.get_logger()

_PAGE = 100
_PRUNED_AT_ONCE = 1000
_KEPT = 10_000  # of one webhook


class Dispatching:
    """Several may be at it: a webhook, and how far it has got, is locked by whoever makes deliveries for it."""

    def __init__(
        self,
        database: Database,
        lanes: Lanes,
        *,
        kept: timedelta,
        kept_at_most: int = _KEPT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._lanes = lanes
        self._kept = kept
        self._kept_at_most = kept_at_most
        self._clock = clock

    async def catch_up_with(self, owners: Collection[UUID] | None) -> Collection[UUID]:
        """A page of what each webhook of these owners has not been shown yet; None is all. Who has more is given.

        Those are to be asked for again together with whoever was heard of meanwhile, so that none waits for another's.
        """
        async with self._database.reading() as connection:
            behind = await repository.behind(connection, owners)
        return {owner for webhook, owner in behind if await self._show(webhook)}

    async def send_due(self) -> None:
        """What failed and is to be tried again, those whose rest is over, and what disabled ones still have to end."""
        await go_on_with_due(self._database, self._lanes, self._clock())

    async def prune(self) -> None:
        """Forgets what ended so long ago that nobody can ask for it again, and the oldest of what is too much."""
        before, count = self._clock() - self._kept, 0
        while gone := await self._prune_some(before):
            count += gone
        async with self._database.reading() as connection:
            full = await pruning_repository.full(connection, ENDED, self._kept_at_most)
        for webhook_id in full:
            while gone := await self._trim_some(webhook_id):
                count += gone
        if count:
            log.info("webhook.deliveries_pruned", count=count)

    async def _prune_some(self, before: datetime) -> int:
        async with self._database.begin() as tx:
            return await pruning_repository.prune(tx, before, _PRUNED_AT_ONCE)

    async def _trim_some(self, webhook_id: UUID) -> int:
        async with self._database.begin() as tx:
            await repository.lock(tx, webhook_id)  # what is asked for again meanwhile is not to be forgotten
            return await pruning_repository.trim(tx, webhook_id, ENDED, self._kept_at_most, _PRUNED_AT_ONCE)

    async def _show(self, webhook_id: UUID) -> bool:
        try:
            return await self._show_some(webhook_id)
        except Exception:  # whatever is the matter with it, the others have nothing to do with it
            log.exception("webhook.not_shown", webhook_id=str(webhook_id))
            return False

    async def _show_some(self, webhook_id: UUID) -> bool:
        """Whether there may be more. No event is left out, none is taken twice."""
        async with self._database.begin() as tx:
            webhook = await repository.lock(tx, webhook_id)
            if webhook is None or webhook.disabled_at is not None:
                return False
            # Before the events: what comes in between is seen by both, or by the next turn.
            last = (await events.bounds(tx, webhook.owner_id)).last
            found = await events.since(tx, webhook.owner_id, webhook.dispatched, _PAGE)
            # Where nothing is found, what there was has been pruned.
            await repository.change(tx, webhook_id, dispatched=found[-1].number if found else last)
            await self._add(tx, webhook, found)
        return len(found) == _PAGE

    async def _add(self, tx: Transaction, webhook: Webhook, found: Collection[Event]) -> None:
        now, wanted = self._clock(), Wanted(webhook.types, webhook.prefix)
        new = [delivery_of(event, webhook.id, now) for event in found if event in wanted]
        if new:
            await deliveries.add(tx, new)
            await self._lanes.go_on(tx, webhook, now, {one.subject for one in new})
