"""Puts changes of somebody's second factors on record, and tells them by mail: a thief would make them too."""

from uuid import UUID

from auth_service.audit import repository as audit
from auth_service.mail.outbox import Message, Outbox
from auth_service.mfa import repository
from strongroom.database import Transaction

_SUBJECT = "How you sign in was changed"
_WORDS = {
    "mfa.totp_enabled": "an authenticator app was added",
    "mfa.totp_removed": "the authenticator app was removed",
    "mfa.passkey_added": "a passkey was added",
    "mfa.passkey_removed": "a passkey was removed",
    "mfa.recovery_codes_renewed": "the recovery codes were replaced by new ones",
    "mfa.reset": "all second factors were removed",
}
_TEXT = """\
The second factors of your Strongroom account were changed: {what}.

If it was not you, sign in, choose a new password, which signs everybody else
out, and look through your second factors.
"""


class FactorChanges:
    """Each within the transaction that makes the change, so that neither is there without the other."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def told_within(
        self, tx: Transaction, event: str, account_id: UUID, *, actor_id: UUID | None = None, **more: str
    ) -> None:
        await audit.record(tx, event, account_id=account_id, actor_id=actor_id, **more)
        address = await repository.address(tx, account_id)
        if address is not None:
            await self._outbox.enqueue(tx, Message(address, _SUBJECT, _TEXT.format(what=_WORDS[event])))
