"""Sends queued mails."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog

from auth_service.mail.carriers import Carrier
from auth_service.mail.composing import Uncomposable, compose
from auth_service.mail.outbox import SEND_MAIL, Outbox
from strongroom.database.job_worker import GiveUp, Handler, Job

log = structlog.get_logger()


class Delivery:
    """`sender` is the address that mails come from.

    At least once: if this process dies between the server's yes and ours, the mail goes out again, under the same
    Message-ID. Never lost: what cannot be sent in three days stays among the jobs as `failed` for a month.
    """

    def __init__(
        self,
        outbox: Outbox,
        carrier: Carrier,
        sender: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._outbox = outbox
        self._carrier = carrier
        self._sender = sender
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        return {SEND_MAIL: Handler(self.deliver)}

    async def deliver(self, job: Job) -> None:
        mail = self._outbox.opened(job.payload)
        if mail.message.good_until and mail.message.good_until <= self._clock():
            raise GiveUp("it was not sent in time, and is of no use any more")
        try:
            composed = compose(mail, self._sender)
        except Uncomposable as error:
            raise GiveUp("it cannot be written as a mail") from error
        await self._carrier.carry(mail, composed)
        log.info("mail.sent", mail_id=mail.id)
