"""Begins a change of an account's address, which counts once the new one is proved."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth_service.accounts.addresses import CHANGE_EMAIL, Addresses
from auth_service.accounts.emails import parse_email
from auth_service.accounts.errors import WrongPassword
from auth_service.accounts.repository import Account
from auth_service.accounts.service import Accounts
from auth_service.audit import repository as audit
from auth_service.mail.outbox import Outbox
from auth_service.one_time import repository as one_time
from auth_service.recovery import letters
from auth_service.recovery.requests import TO_ONE_ADDRESS
from strongroom.database import Database, Transaction
from strongroom.database.attempts import Attempts

_LIFETIME = timedelta(hours=24)


class EmailChange:
    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        addresses: Addresses,
        outbox: Outbox,
        attempts: Attempts,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._addresses = addresses
        self._outbox = outbox
        self._attempts = attempts
        self._clock = clock

    async def ask(self, account_id: UUID, new_address: str, password: str) -> None:
        """Raises WrongPassword, InvalidEmail, TooManyAttempts: mail to strangers must not be had for the asking."""
        parse_email(new_address)
        proved = await self._accounts.confirm_password(account_id, password)
        await self._attempts.begin("change-email", str(account_id), limit=TO_ONE_ADDRESS)
        async with self._database.begin() as tx:
            account = await self._addresses.lock_within(tx, account_id)
            if account is None or account.password_hash != proved.password_hash:
                raise WrongPassword  # it was changed meanwhile, perhaps by the owner
            await self.request(tx, account, new_address)

    async def request(self, tx: Transaction, account: Account, new_address: str) -> None:
        """Mails a link to the new address, which voids earlier ones, and tells the old one. Raises InvalidEmail.

        Whether the new address is free is found out when the link is followed, so that nobody can ask us that.
        """
        now = self._clock()
        to = parse_email(new_address).text
        await one_time.revoke_all(tx, CHANGE_EMAIL, account.id)
        token = await one_time.issue(tx, CHANGE_EMAIL, account.id, {"email": to}, now, _LIFETIME)
        link = self._addresses.link("email/verify", token)
        await self._outbox.enqueue(tx, letters.confirm_change(to, link, now + _LIFETIME))
        await self._outbox.enqueue(tx, letters.change_requested(account.email))
        await audit.record(tx, "account.email_change_requested", account_id=account.id)
