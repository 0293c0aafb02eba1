"""Sends what is queued, signed by what its webhook's owner knows."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from pydantic_core import to_jsonable_python

from file_service.usage.errors import OwnerGone
from file_service.webhooks import delivery_repository as deliveries
from file_service.webhooks import repository
from file_service.webhooks.addresses import ResolverBusy
from file_service.webhooks.courier import Courier, Outcome
from file_service.webhooks.delivery_repository import SENDING, Attempt, Delivery
from file_service.webhooks.lanes import DELIVER
from file_service.webhooks.messages import message_id
from file_service.webhooks.recording import Recording
from file_service.webhooks.repository import Webhook
from file_service.webhooks.signing import Secrets, SecretUnreadable, signed
from strongroom.database import Database
from strongroom.database.job_worker import Handler, Job, NotYet

log = structlog.get_logger()

_TIME_LIMIT = timedelta(minutes=1)  # of one attempt with its records; sending has a shorter one of its own
_PAUSES = timedelta(seconds=1), timedelta(seconds=30)  # after what went wrong here, and not at the receiver


class Delivering:
    """`sent` is told of each attempt."""

    def __init__(
        self,
        database: Database,
        courier: Courier,
        secrets: Secrets,
        recording: Recording,
        *,
        sent: Callable[[Outcome], None] = lambda _: None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._courier = courier
        self._secrets = secrets
        self._recording = recording
        self._sent = sent
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        """Never given up: when a delivery has failed for good is for the delivery to say."""
        first, longest = _PAUSES
        handler = Handler(
            self.deliver, keep_trying=None, time_limit=_TIME_LIMIT, first_pause=first, longest_pause=longest
        )
        return {DELIVER: handler}

    async def deliver(self, job: Job) -> None:
        """Once more only where nobody recorded that it was done: then the receiver may get it twice, by the same id."""
        async with self._database.reading() as connection:
            delivery = await deliveries.find(connection, UUID(job.payload["delivery"]))
            if delivery is None or delivery.state != SENDING or delivery.turn != job.payload["turn"]:
                return
            webhook = await repository.find(connection, delivery.webhook_id)
        if webhook is None:
            return
        try:
            await self._deliver(webhook, delivery)
        except ResolverBusy:  # nothing was sent, so nothing is recorded
            raise NotYet("resolver-busy") from None

    async def _deliver(self, webhook: Webhook, delivery: Delivery) -> None:
        at, began = self._clock(), time.monotonic()
        outcome = await self._send(webhook, delivery, at)
        self._sent(outcome)
        duration = round(1000 * (time.monotonic() - began))
        attempt = Attempt(to_jsonable_python(at), outcome.status, duration, outcome.error)
        log.info(
            "webhook.sent",
            webhook_id=str(webhook.id),
            delivery_id=str(delivery.id),
            status=outcome.status,
            error=outcome.error,
            duration_ms=duration,
        )
        with suppress(OwnerGone):  # whose webhooks are going too
            await self._recording.record(webhook, delivery, outcome, attempt, self._clock())

    async def _send(self, webhook: Webhook, delivery: Delivery, at: datetime) -> Outcome:
        try:
            secrets = self._secrets_of(webhook, at)
        except SecretUnreadable:
            log.error("webhook.secret_unreadable", webhook_id=str(webhook.id))  # noqa: TRY400 - nothing more to tell
            return Outcome("secret-unreadable")
        body = delivery.body.encode()
        headers = signed(message_id(delivery.id), at, body, secrets)
        return await self._courier.post(webhook.url, headers, body)

    def _secrets_of(self, webhook: Webhook, at: datetime) -> Sequence[bytes]:
        """The current one first, and for a day the one before it. Raises SecretUnreadable."""
        sealed = [webhook.secret]
        if webhook.previous_secret is not None and webhook.previous_until is not None and at < webhook.previous_until:
            sealed.append(webhook.previous_secret)
        return [self._secrets.open(one, webhook.id) for one in sealed]
