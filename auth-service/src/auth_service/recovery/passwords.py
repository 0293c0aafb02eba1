"""Lets people who forgot their password choose a new one, by a link in a mail."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from auth_service.accounts.addresses import RESET_PASSWORD, Addresses
from auth_service.accounts.repository import Account
from auth_service.accounts.service import Accounts
from auth_service.audit import repository as audit
from auth_service.mail.outbox import Outbox
from auth_service.mfa.service import SecondFactors
from auth_service.one_time import repository as one_time
from auth_service.recovery import letters
from auth_service.recovery.errors import InvalidLink
from auth_service.recovery.requests import MailRequests
from strongroom.database import Database, Transaction
from strongroom.database.job_worker import Handler, Job

FORGOT_PASSWORD = "password-forgotten"  # noqa: S105 - not a password
_LIFETIME = timedelta(hours=1)


class PasswordReset:
    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        addresses: Addresses,
        outbox: Outbox,
        requests: MailRequests,
        second_factors: SecondFactors,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._addresses = addresses
        self._outbox = outbox
        self._requests = requests
        self._second_factors = second_factors
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        return {FORGOT_PASSWORD: Handler(self.send_link, keep_trying=_LIFETIME)}

    async def forgot(self, email: str, client_address: str | None) -> None:
        """The same for an address that no account has, in what it does and in how long that takes.

        Raises TooManyAttempts for a client that asks too often; who asks too often about one address is not told.
        """
        await self._requests.take(FORGOT_PASSWORD, email, client_address)

    async def send_link(self, job: Job) -> None:
        """A newer link voids those before it."""
        now = self._clock()
        async with self._database.begin() as tx:
            account = await self._addresses.lock_by_email_within(tx, job.payload["email"])
            if account is None:
                return
            await one_time.revoke_all(tx, RESET_PASSWORD, account.id)
            token = await one_time.issue(tx, RESET_PASSWORD, account.id, {}, now, _LIFETIME)
            link = self._addresses.link("password/reset", token)
            await self._outbox.enqueue(tx, letters.password_link(account.email, link, now + _LIFETIME))
            await audit.record(tx, "account.password_reset_requested", account_id=account.id)

    async def is_good(self, token: str) -> bool:
        async with self._database.reading() as connection:
            return await one_time.peek(connection, RESET_PASSWORD, token, self._clock()) is not None

    async def reset(self, token: str, password: str) -> None:
        """Signs the account out everywhere. Raises InvalidLink; WeakPassword, and then the link stays good."""
        hashed = await self._accounts.hash_new_password(await self._whose(token), password)
        async with self._database.begin() as tx:
            account = await self._owner(tx, token)
            # Only now is it used up; whoever else was hashing at the same time comes too late.
            if account is None or await one_time.take(tx, RESET_PASSWORD, token, self._clock()) is None:
                raise InvalidLink
            await self._accounts.set_password_within(tx, account.id, hashed)
            if not account.email_verified:
                # Whoever registered the address need not be its owner: their factors must not let them in again.
                await self._second_factors.reset_within(tx, account.id)
            # They can read what is sent there.
            await self._addresses.verified_within(tx, account)
            await self._outbox.enqueue(tx, letters.password_changed(account.email))
            await audit.record(tx, "account.password_reset", account_id=account.id)

    async def _whose(self, token: str) -> Account:
        async with self._database.begin() as tx:
            account = await self._owner(tx, token)
        if account is None:
            raise InvalidLink
        return account

    async def _owner(self, tx: Transaction, token: str) -> Account | None:
        """Locked. A transaction that waited for the lock must look again whether the link is still good."""
        found = await one_time.peek(tx, RESET_PASSWORD, token, self._clock())
        return await self._addresses.lock_within(tx, found.account_id) if found and found.account_id else None
