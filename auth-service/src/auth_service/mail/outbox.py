"""Queues mails. What one says is sealed, since there may be a link in it that is as good as a password."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from auth_service.keys.sealing import MasterKey
from strongroom.database import Transaction
from strongroom.database.jobs import JobQueue, Payload

SEND_MAIL = "send-mail"


@dataclass(frozen=True, slots=True)
class Message:
    """Plain text. After `good_until` it is of no use any more, and is not sent."""

    to: str
    subject: str
    text: str
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """The same id and time at every attempt, so that whoever gets it twice can tell."""

    id: str
    written_at: datetime
    message: Message


class Outbox:
    def __init__(
        self, jobs: JobQueue, master_key: MasterKey, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._jobs = jobs
        self._master_key = master_key
        self._clock = clock

    async def enqueue(self, tx: Transaction, message: Message) -> None:
        """Sent once the transaction commits. Where it cannot be, it is tried again for three days."""
        identity = str(uuid7())
        said = json.dumps({"to": message.to, "subject": message.subject, "text": message.text})
        payload = {
            "id": identity,
            "written_at": self._clock().isoformat(),
            "good_until": message.good_until.isoformat() if message.good_until else None,
            "sealed": _encoded(self._master_key.seal(said.encode(), _context(identity))),
        }
        await self._jobs.enqueue(tx, SEND_MAIL, payload)

    def opened(self, payload: Payload) -> QueuedMail:
        """Raises WrongMasterKey."""
        sealed = base64.b64decode(payload["sealed"])
        said = json.loads(self._master_key.open(sealed, _context(payload["id"])))
        good_until = payload["good_until"]
        message = Message(**said, good_until=datetime.fromisoformat(good_until) if good_until else None)
        return QueuedMail(payload["id"], datetime.fromisoformat(payload["written_at"]), message)

    async def reseal(self) -> int:
        """Puts every mail that is not sent yet under the current master key; how many. Raises WrongMasterKey."""
        return await self._jobs.rewrite(SEND_MAIL, self._resealed)

    def _resealed(self, payload: Payload) -> Payload:
        sealed = self._master_key.reseal(base64.b64decode(payload["sealed"]), _context(payload["id"]))
        return {**payload, "sealed": _encoded(sealed)}


def _context(identity: str) -> str:
    return f"mail {identity}"


def _encoded(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode()
