"""Registers accounts, changes and removes them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from auth_service.accounts import repository
from auth_service.accounts.addresses import Addresses
from auth_service.accounts.emails import EmailAddress, parse_email
from auth_service.accounts.errors import AccountGone, AccountNotFound, LastAdmin, WrongPassword
from auth_service.accounts.repository import Account, Search
from auth_service.accounts.strength import require_strong
from auth_service.audit import repository as audit
from auth_service.roles.service import Roles
from auth_service.sessions.service import Sessions
from strongroom.database import Database, Transaction
from strongroom.database.attempts import Attempts
from strongroom.database.jobs import JobQueue
from strongroom.passwords import Passwords

log = structlog.get_logger()

PURGE_FILES = "purge-files"


class Accounts:
    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        sessions: Sessions,
        roles: Roles,
        attempts: Attempts,
        addresses: Addresses,
        jobs: JobQueue,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._roles = roles
        self._attempts = attempts
        self._addresses = addresses
        self._jobs = jobs
        self._clock = clock

    async def register(self, email: str, password: str, name: str | None) -> Account:
        """A new account with the role `user`. Raises InvalidEmail, WeakPassword, EmailTaken, PasswordsBusy."""
        address = parse_email(email)
        await self._require_strong(password, address.text, name)
        account = await self._new(address, password, name, roles=("user",), verified=False)
        async with self._database.begin() as tx:
            await repository.add(tx, account, address.key)
            await self._addresses.ask_within(tx, account.id, account.email)
            await audit.record(tx, "account.registered", account_id=account.id)
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

    async def _require_strong(self, password: str, email: str, name: str | None) -> None:
        await asyncio.to_thread(require_strong, password, known=[name or "", email, *email.split("@")])

    async def current(self, account_id: UUID) -> Account:
        """The account that a token speaks for. Raises AccountGone if it was deleted or disabled since."""
        async with self._database.reading() as connection:
            account = await repository.by_id(connection, account_id)
        if account is None or not account.enabled:
            raise AccountGone
        return account

    async def confirm_password(self, account_id: UUID, password: str) -> Account:
        """For what a stolen token alone must not be enough for. Raises WrongPassword, TooManyAttempts, AccountGone."""
        account = await self.current(account_id)
        await self._attempts.begin("confirm-password", str(account_id))
        matches, _ = await self._passwords.verify(password, account.password_hash)
        if not matches:
            raise WrongPassword
        await self._attempts.succeeded("confirm-password", str(account_id))
        return account

    async def rename(self, account_id: UUID, name: str | None) -> None:
        async with self._database.begin() as tx:
            await repository.set_name(tx, account_id, name)

    async def change_password(self, account_id: UUID, current: str, new: str, *, session_id: UUID | None) -> None:
        """Ends every session but the one given. Raises WrongPassword, WeakPassword, TooManyAttempts."""
        account = await self.confirm_password(account_id, current)
        hashed = await self.hash_new_password(account, new)
        async with self._database.begin() as tx:
            now = await repository.lock(tx, account_id)
            if now is None or now.password_hash != account.password_hash:
                raise WrongPassword  # somebody else was quicker, and perhaps it is the owner
            await self.set_password_within(tx, account_id, hashed, keep_session=session_id)

    async def hash_new_password(self, account: Account, password: str) -> str:
        """For `set_password_within`. Raises WeakPassword, PasswordsBusy."""
        await self._require_strong(password, account.email, account.name)
        return await self._passwords.hash(password)

    async def set_password_within(
        self, tx: Transaction, account_id: UUID, hashed: str, *, keep_session: UUID | None = None
    ) -> None:
        """Signs out everywhere but in the session to keep: whoever knew the old password is out."""
        await repository.set_password_hash(tx, account_id, hashed)
        await self._addresses.void_links_within(tx, account_id)
        await self._sessions.end_all_within(tx, account_id, but=keep_session)
        await audit.record(tx, "account.password_changed", account_id=account_id)

    async def found(self, search: Search, *, after: UUID | None, limit: int) -> Sequence[Account]:
        async with self._database.reading() as connection:
            return await repository.found(connection, search, after=after, limit=limit)

    async def get(self, account_id: UUID) -> Account:
        """Raises AccountNotFound. Disabled ones are found too."""
        async with self._database.reading() as connection:
            account = await repository.by_id(connection, account_id)
        if account is None:
            raise AccountNotFound
        return account

    async def set_roles(self, account_id: UUID, roles: Sequence[str], actor: UUID) -> None:
        """Raises AccountNotFound, UnknownRole, LastAdmin. Its access tokens are void, its sessions go on."""
        wanted = tuple(sorted(set(roles)))
        async with self._database.begin() as tx:
            account = await self._lock(tx, account_id)
            await self._roles.require(tx, wanted)
            if "admin" not in wanted:
                await self._spare_last_admin(tx, account)
            await repository.set_roles(tx, account_id, wanted)
            await self._sessions.refuse_subject_within(tx, str(account_id))
            await audit.record(tx, "account.roles_set", account_id=account_id, actor_id=actor, roles=list(wanted))

    async def disable(self, account_id: UUID, actor: UUID) -> None:
        """Signs it out everywhere, and lets it in nowhere. Raises AccountNotFound, LastAdmin."""
        async with self._database.begin() as tx:
            await self._spare_last_admin(tx, await self._lock(tx, account_id))
            await repository.set_disabled(tx, account_id, self._clock())
            await self._shut_out(tx, account_id)
            await audit.record(tx, "account.disabled", account_id=account_id, actor_id=actor)

    async def enable(self, account_id: UUID, actor: UUID) -> None:
        """Raises AccountNotFound."""
        async with self._database.begin() as tx:
            await self._lock(tx, account_id)
            await repository.set_disabled(tx, account_id, None)
            await audit.record(tx, "account.enabled", account_id=account_id, actor_id=actor)

    async def remove(self, account_id: UUID, actor: UUID | None = None) -> None:
        """Deletes the account with all that is known of the person; their files follow.

        Raises AccountNotFound, LastAdmin.
        """
        async with self._database.begin() as tx:
            await self._spare_last_admin(tx, await self._lock(tx, account_id))
            await self._shut_out(tx, account_id)
            await repository.remove(tx, account_id)
            await self._jobs.enqueue(tx, PURGE_FILES, {"subject": str(account_id)})
            await audit.record(tx, "account.deleted", account_id=account_id, actor_id=actor)
        log.info("account.deleted", account_id=str(account_id))

    async def _shut_out(self, tx: Transaction, account_id: UUID) -> None:
        await self._sessions.end_all_within(tx, account_id)
        await self._sessions.refuse_subject_within(tx, str(account_id))

    async def _lock(self, tx: Transaction, account_id: UUID) -> Account:
        await repository.lock_admins(tx)
        account = await repository.lock(tx, account_id)
        if account is None:
            raise AccountNotFound
        return account

    async def _spare_last_admin(self, tx: Transaction, account: Account) -> None:
        if "admin" in account.roles and account.enabled and await repository.count_admins(tx) == 1:
            raise LastAdmin

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
            await audit.record(tx, "account.first_admin", account_id=account.id)
        log.info("account.created", account_id=str(account.id), roles=account.roles)
