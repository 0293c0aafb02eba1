"""What an owner does with webhooks: makes, lists, changes and removes them, and has new secrets."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.events import repository as events
from file_service.events.wanted import Wanted
from file_service.usage.service import Quotas
from file_service.webhooks import repository
from file_service.webhooks.addresses import Destinations, NameUnknown, ResolverBusy
from file_service.webhooks.enabling import Enabling
from file_service.webhooks.errors import TooManyWebhooks, WebhookNotFound
from file_service.webhooks.repository import Webhook
from file_service.webhooks.signing import Secrets, SecretUnreadable
from file_service.webhooks.targets import parse
from strongroom.database import Database, Transaction

log = structlog.get_logger()

_BOTH_SECRETS = timedelta(hours=24)
_PATIENCE = 3.0  # seconds, for a name that nobody answers for


@dataclass(frozen=True, slots=True)
class Wish:
    url: str
    types: Sequence[str]
    prefix: str
    description: str


@dataclass(frozen=True, slots=True)
class Change:
    """None leaves it as it is. `resume` is of `enabled`: whether what happened meanwhile is told too."""

    url: str | None = None
    types: Sequence[str] | None = None
    prefix: str | None = None
    description: str | None = None
    enabled: bool | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class NewSecret:
    """`secret` is shown this once."""

    webhook: Webhook
    secret: bytes


class Webhooks:
    """An account may have so many `at_most`."""

    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        secrets: Secrets,
        destinations: Destinations,
        enabling: Enabling,
        *,
        at_most: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._secrets = secrets
        self._destinations = destinations
        self._enabling = enabling
        self._at_most = at_most
        self._clock = clock

    async def create(self, owner: UUID, wish: Wish) -> NewSecret:
        """Told of what happens from now on. Raises UrlRefused, AddressRefused, NoSuchFilter, TooManyWebhooks."""
        Wanted(wish.types, wish.prefix)
        await self._check(wish.url)
        secret = self._secrets.new()
        async with self._quotas.changing(owner) as (tx, _):
            if await repository.count(tx, owner) >= self._at_most:
                raise TooManyWebhooks
            webhook = self._new(owner, wish, secret, last=(await events.bounds(tx, owner)).last)
            await repository.add(tx, webhook)
        log.info("webhook.created", webhook_id=str(webhook.id))
        return NewSecret(webhook, secret)

    async def listed(self, owner: UUID, *, before: UUID | None, limit: int) -> Sequence[Webhook]:
        """Newest first."""
        async with self._database.reading() as connection:
            return await repository.listed(connection, owner, before=before, limit=limit)

    async def get(self, owner: UUID, webhook_id: UUID) -> Webhook:
        """Raises WebhookNotFound."""
        async with self._database.reading() as connection:
            webhook = await repository.find_of(connection, owner, webhook_id)
        if webhook is None:
            raise WebhookNotFound
        return webhook

    async def change(self, owner: UUID, webhook_id: UUID, change: Change) -> Webhook:
        """What is on its way goes where it was to go. Raises WebhookNotFound, and as `create`."""
        if change.url is not None:
            await self._check(change.url)
        async with self._quotas.changing(owner) as (tx, _):
            webhook = await self._lock(tx, owner, webhook_id)
            new = {name: getattr(change, name) for name in Wish.__dataclass_fields__}
            new = {name: value for name, value in new.items() if value is not None}
            changed = replace(webhook, **new)
            Wanted(changed.types, changed.prefix)
            if new:
                await repository.change(tx, webhook_id, **new, **self._health(webhook, changed))
            await self._enabling.set(tx, changed, enabled=change.enabled, resume=change.resume)
            return await self._lock(tx, owner, webhook_id)

    async def remove(self, owner: UUID, webhook_id: UUID) -> None:
        """With its log; what is not sent yet, is not. Raises WebhookNotFound."""
        async with self._database.begin() as tx:
            if not await repository.remove(tx, owner, webhook_id):
                raise WebhookNotFound
        log.info("webhook.removed", webhook_id=str(webhook_id))

    async def rotate(self, owner: UUID, webhook_id: UUID) -> NewSecret:
        """For a day there is a signature by the one before too; a second rotation ends that. Raises WebhookNotFound."""
        secret, until = self._secrets.new(), self._clock() + _BOTH_SECRETS
        async with self._database.begin() as tx:
            webhook = await self._lock(tx, owner, webhook_id)
            previous = webhook.secret if self._is_readable(webhook) else None
            sealed = self._secrets.seal(secret, webhook_id)
            await repository.change(tx, webhook_id, secret=sealed, previous_secret=previous, previous_until=until)
        log.info("webhook.secret_rotated", webhook_id=str(webhook_id))
        return NewSecret(webhook, secret)

    def _health(self, before: Webhook, now: Webhook) -> Mapping[str, int | datetime | None]:
        """Another receiver has not failed yet, and is not to wait until the one before has had its rest."""
        if before.url == now.url:
            return {}
        return {"failures": 0, "failing_since": None, "resting_until": None, "due_at": self._clock()}

    async def _check(self, url: str) -> None:
        """What cannot be looked up now may be later, and is looked up again each time that something is sent."""
        target = parse(url)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._destinations.addresses(target.host)
        except (NameUnknown, ResolverBusy, TimeoutError):
            log.info("webhook.name_unknown")

    async def _lock(self, tx: Transaction, owner: UUID, webhook_id: UUID) -> Webhook:
        webhook = await repository.lock(tx, webhook_id)
        if webhook is None or webhook.owner_id != owner:
            raise WebhookNotFound
        return webhook

    def _is_readable(self, webhook: Webhook) -> bool:
        try:
            self._secrets.open(webhook.secret, webhook.id)
        except SecretUnreadable:
            return False
        return True

    def _new(self, owner: UUID, wish: Wish, secret: bytes, *, last: int) -> Webhook:
        webhook_id = uuid7()
        return Webhook(
            id=webhook_id,
            owner_id=owner,
            url=wish.url,
            types=wish.types,
            prefix=wish.prefix,
            description=wish.description,
            secret=self._secrets.seal(secret, webhook_id),
            dispatched=last,
            created_at=self._clock(),
        )
