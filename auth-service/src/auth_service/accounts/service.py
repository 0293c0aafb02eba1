"""Registers accounts, proves who somebody is by password, and removes accounts."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from auth_service.accounts import repository
from auth_service.accounts.emails import EmailAddress, parse_email
from auth_service.accounts.errors import AccountGone, AccountNotFound, InvalidEmail, LastAdmin
from auth_service.accounts.passwords import Passwords
from auth_service.accounts.repository import Account
from auth_service.accounts.strength import require_strong
from strongroom.database import Database

log = structlog.get_logger()


class Accounts:
    def __init__(
        self, database: Database, passwords: Passwords, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def register(self, email: str, password: str, name: str | None) -> Account:
        """A new account with the role `user`. Raises InvalidEmail, WeakPassword, EmailTaken, PasswordsBusy."""
        address = parse_email(email)
        await asyncio.to_thread(require_strong, password, known=[name or "", address.text, *address.text.split("@")])
        account = await self._new(address, password, name, roles=("user",), verified=False)
        async with self._database.begin() as tx:
            await repository.add(tx, account, address.key)
        log.info("account.created", account_id=str(account.id), roles=account.roles)
        return account

    async def _new(
        self, address: EmailAddress, password: str, name: str | None, *, roles: tuple[str, ...], verified: bool
    ) -> Account:
        return Account(
            id=uuid7(),
            email=address.text,
            name=name,
            password_hash=await self._passwords.hash(password),
            roles=roles,
            email_verified=verified,
            disabled_at=None,
            created_at=self._clock(),
        )

    async def authenticate(self, email: str, password: str) -> Account | None:
        """The account, or None: unknown, wrong password and disabled cannot be told apart, nor timed apart."""
        try:
            key = parse_email(email).key
        except InvalidEmail:
            key = ""  # no account has it; the password is checked all the same, for the time it takes
        async with self._database.reading() as connection:
            account = await repository.by_email(connection, key)
        matches, upgraded = await self._passwords.verify(password, account.password_hash if account else None)
        if account is None or not matches or not account.enabled:
            return None
        if upgraded:
            async with self._database.begin() as tx:
                await repository.set_password_hash(tx, account.id, upgraded)
        return account

    async def current(self, subject: str) -> Account:
        """The account that a token speaks for. Raises AccountGone if it was deleted or disabled since."""
        async with self._database.reading() as connection:
            account = await repository.by_id(connection, UUID(subject))
        if account is None or not account.enabled:
            raise AccountGone
        return account

    async def listed(self, *, after: UUID | None, limit: int) -> Sequence[Account]:
        async with self._database.reading() as connection:
            return await repository.listed(connection, after=after, limit=limit)

    async def remove(self, account_id: UUID) -> None:
        """Deletes the account and ends its sessions. Raises AccountNotFound, LastAdmin."""
        async with self._database.begin() as tx:
            await repository.lock_admins(tx)
            account = await repository.by_id(tx, account_id)
            if account is None:
                raise AccountNotFound
            if "admin" in account.roles and account.enabled and await repository.count_admins(tx) == 1:
                raise LastAdmin
            await repository.remove(tx, account_id)
        log.info("account.deleted", account_id=str(account_id))

    async def ensure_admin(self, email: str, password: str) -> None:
        """Makes the first administrator. Does nothing where there is one already.

        Raises EmailTaken if the address belongs to an ordinary account: who registered it first need not be the owner.
        """
        address = parse_email(email)
        async with self._database.reading() as connection:
            if await repository.count_admins(connection):
                return
        account = await self._new(address, password, None, roles=("admin", "user"), verified=True)
        async with self._database.begin() as tx:
            await repository.lock_admins(tx)
            if await repository.count_admins(tx):
                return  # another replica was quicker
            await repository.add(tx, account, address.key)
        log.info("account.created", account_id=str(account.id), roles=account.roles)
