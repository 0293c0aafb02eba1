"""Carries out what the links that prove an address are for, and sends them again."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from auth_service.accounts.addresses import CHANGE_EMAIL, VERIFY_EMAIL, Addresses
from auth_service.accounts.emails import parse_email
from auth_service.accounts.repository import Account
from auth_service.mail.outbox import Outbox
from auth_service.one_time import repository as one_time
from auth_service.recovery import letters
from auth_service.recovery.errors import InvalidLink
from auth_service.recovery.requests import MailRequests
from strongroom.database import Database, Transaction
from strongroom.database.job_worker import Handler, Job

RESEND = "verification-wanted"


class EmailConfirmation:
    """Of the address that an account has, and of one that it is to have."""

    def __init__(
        self,
        database: Database,
        addresses: Addresses,
        outbox: Outbox,
        requests: MailRequests,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._addresses = addresses
        self._outbox = outbox
        self._requests = requests
        self._clock = clock

    def handlers(self) -> Mapping[str, Handler]:
        return {RESEND: Handler(self.send_link)}

    async def resend(self, email: str, client_address: str | None) -> None:
        """The same for an address that no account has, or that is proved. Raises TooManyAttempts for a client."""
        await self._requests.take(RESEND, email, client_address)

    async def send_link(self, job: Job) -> None:
        async with self._database.begin() as tx:
            account = await self._addresses.lock_by_email_within(tx, job.payload["email"])
            if account is not None and not account.email_verified:
                await self._addresses.ask_within(tx, account.id, account.email)

    async def is_good(self, token: str) -> bool:
        async with self._database.reading() as connection:
            for purpose in (VERIFY_EMAIL, CHANGE_EMAIL):
                if await one_time.peek(connection, purpose, token, self._clock()):
                    return True
        return False

    async def confirm(self, token: str) -> str:
        """The address, which is proved now. Raises InvalidLink, and EmailTaken if a new one is not free any more."""
        async with self._database.begin() as tx:
            if used := await self._use(tx, VERIFY_EMAIL, token):
                return await self._verify(tx, *used)
            if used := await self._use(tx, CHANGE_EMAIL, token):
                return await self._change(tx, *used)
            raise InvalidLink

    async def _use(self, tx: Transaction, purpose: str, token: str) -> tuple[Account, str] | None:
        """Whose it was, locked, and the address that it was sent to."""
        now = self._clock()
        found = await one_time.peek(tx, purpose, token, now)
        account = await self._addresses.lock_within(tx, found.account_id) if found and found.account_id else None
        used = await one_time.take(tx, purpose, token, now) if account else None
        return (account, used.data["email"]) if account and used else None

    async def _verify(self, tx: Transaction, account: Account, email: str) -> str:
        if email != account.email:
            raise InvalidLink
        await self._addresses.verified_within(tx, account)
        return email

    async def _change(self, tx: Transaction, account: Account, email: str) -> str:
        await self._addresses.change_within(tx, account, parse_email(email))
        await self._outbox.enqueue(tx, letters.address_changed(account.email))
        return email
