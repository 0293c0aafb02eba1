"""The address of an account: lets people prove that it is theirs, and changes it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth_service.accounts import repository
from auth_service.accounts.emails import EmailAddress
from auth_service.accounts.repository import Account
from auth_service.audit import repository as audit
from auth_service.mail.outbox import Message, Outbox
from auth_service.one_time import repository as one_time
from strongroom.database import Transaction

# What the links in mails are for.
VERIFY_EMAIL = "verify-email"
CHANGE_EMAIL = "change-email"
RESET_PASSWORD = "reset-password"  # noqa: S105 - not a password
# Between the two steps of a sign-in: the password was right.
SECOND_STEP = "mfa"

_LIFETIME = timedelta(hours=24)

_VERIFY = """\
Somebody has registered this address with Strongroom. If that was you, confirm
that it is yours by opening this link, within 24 hours:

{link}

If it was not you, you need not do anything.
"""


class Addresses:
    """`public_url` is where the links in mails lead."""

    def __init__(
        self, outbox: Outbox, public_url: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._outbox = outbox
        self._public_url = public_url
        self._clock = clock

    async def ask_within(self, tx: Transaction, account_id: UUID, email: str) -> None:
        """Sends a link that proves, when it is followed, that the address is theirs. Earlier links stay good."""
        now = self._clock()
        # Bound to the address: after a change of it, the link proves nothing any more.
        token = await one_time.issue(tx, VERIFY_EMAIL, account_id, {"email": email}, now, _LIFETIME)
        text = _VERIFY.format(link=self.link("email/verify", token))
        await self._outbox.enqueue(tx, Message(email, "Confirm your email address", text, now + _LIFETIME))

    def link(self, path: str, token: str) -> str:
        return f"{self._public_url}/auth/{path}?token={token}"

    async def lock_within(self, tx: Transaction, account_id: UUID) -> Account | None:
        """Until the transaction ends nobody else changes it. None also for a disabled one."""
        account = await repository.lock(tx, account_id)
        return account if account and account.enabled else None

    async def lock_by_email_within(self, tx: Transaction, email_key: str) -> Account | None:
        account = await repository.lock_by_email(tx, email_key)
        return account if account and account.enabled else None

    async def verified_within(self, tx: Transaction, account: Account) -> None:
        if not account.email_verified:
            await repository.set_email_verified(tx, account.id)
            await audit.record(tx, "account.email_verified", account_id=account.id)

    async def change_within(self, tx: Transaction, account: Account, address: EmailAddress) -> None:
        """Every link that was sent to the old address is void. Raises EmailTaken."""
        await repository.set_email(tx, account.id, address.text, address.key)
        await one_time.revoke_all(tx, VERIFY_EMAIL, account.id)
        await self.void_links_within(tx, account.id)
        await audit.record(tx, "account.email_changed", account_id=account.id)

    async def void_links_within(self, tx: Transaction, account_id: UUID) -> None:
        """Who asked for a new password or address before now does not get it, nor does who has half signed in.

        It may have been a thief.
        """
        for purpose in (CHANGE_EMAIL, RESET_PASSWORD, SECOND_STEP):
            await one_time.revoke_all(tx, purpose, account_id)
