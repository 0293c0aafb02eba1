"""SQL on accounts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, Select, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from auth_service.accounts.errors import EmailTaken
from auth_service.database.tables import accounts


@dataclass(frozen=True, slots=True)
class Account:
    id: UUID
    email: str
    name: str | None
    password_hash: str
    roles: tuple[str, ...]
    email_verified: bool
    disabled_at: datetime | None
    created_at: datetime

    @property
    def enabled(self) -> bool:
        return self.disabled_at is None


def _account(row: RowMapping) -> Account:
    return Account(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        password_hash=row["password_hash"],
        roles=tuple(row["roles"]),
        email_verified=row["email_verified"],
        disabled_at=row["disabled_at"],
        created_at=row["created_at"],
    )


async def add(tx: AsyncConnection, account: Account, email_key: str) -> None:
    """Raises EmailTaken."""
    row = {
        "id": account.id,
        "email": account.email,
        "email_key": email_key,
        "name": account.name,
        "password_hash": account.password_hash,
        "roles": list(account.roles),
        "email_verified": account.email_verified,
        "created_at": account.created_at,
    }
    with _taken():
        await tx.execute(insert(accounts).values(row))


async def _one(tx: AsyncConnection, query: Select[tuple[object, ...]]) -> Account | None:
    row = (await tx.execute(query)).mappings().one_or_none()
    return _account(row) if row else None


async def by_id(tx: AsyncConnection, account_id: UUID) -> Account | None:
    return await _one(tx, select(accounts).where(accounts.c.id == account_id))


async def lock(tx: AsyncConnection, account_id: UUID) -> Account | None:
    """As `by_id`, and until the transaction ends nobody else changes it.

    Whoever changes more than the account locks it first, so that no two wait for each other. Rows that point at it can
    still be added meanwhile: whoever is redeeming a code must not wait for who waits for that code.
    """
    return await _one(tx, select(accounts).where(accounts.c.id == account_id).with_for_update(key_share=True))


async def lock_by_email(tx: AsyncConnection, email_key: str) -> Account | None:
    return await _one(tx, select(accounts).where(accounts.c.email_key == email_key).with_for_update(key_share=True))


async def by_email(tx: AsyncConnection, email_key: str) -> Account | None:
    return await _one(tx, select(accounts).where(accounts.c.email_key == email_key))


@dataclass(frozen=True, slots=True)
class Search:
    """`text` is looked for at the beginning of the address; None matches all."""

    text: str | None = None
    role: str | None = None
    disabled: bool | None = None


async def found(tx: AsyncConnection, search: Search, *, after: UUID | None, limit: int) -> Sequence[Account]:
    """Oldest first; ids are UUIDv7, so their order is that of creation."""
    query = select(accounts).order_by(accounts.c.id).limit(limit)
    if after:
        query = query.where(accounts.c.id > after)
    if search.text:
        query = query.where(accounts.c.email_key.startswith(search.text.casefold(), autoescape=True))
    if search.role:
        query = query.where(accounts.c.roles.contains([search.role]))
    if search.disabled is not None:
        query = query.where(
            accounts.c.disabled_at.is_not(None) if search.disabled else accounts.c.disabled_at.is_(None)
        )
    return [_account(row) for row in (await tx.execute(query)).mappings()]


async def set_name(tx: AsyncConnection, account_id: UUID, name: str | None) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(name=name))


async def set_roles(tx: AsyncConnection, account_id: UUID, roles: Sequence[str]) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(roles=list(roles)))


async def set_disabled(tx: AsyncConnection, account_id: UUID, disabled_at: datetime | None) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(disabled_at=disabled_at))


async def set_password_hash(tx: AsyncConnection, account_id: UUID, password_hash: str) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(password_hash=password_hash))


async def upgrade_password_hash(tx: AsyncConnection, account: Account, password_hash: str) -> bool:
    """Whether the account still had the hash that is to be replaced."""
    unchanged = (accounts.c.id == account.id, accounts.c.password_hash == account.password_hash)
    return (await tx.execute(update(accounts).where(*unchanged).values(password_hash=password_hash))).rowcount == 1


async def set_email_verified(tx: AsyncConnection, account_id: UUID) -> None:
    await tx.execute(update(accounts).where(accounts.c.id == account_id).values(email_verified=True))


async def set_email(tx: AsyncConnection, account_id: UUID, email: str, email_key: str) -> None:
    """It counts as verified. Raises EmailTaken."""
    changed = {"email": email, "email_key": email_key, "email_verified": True}
    with _taken():
        await tx.execute(update(accounts).where(accounts.c.id == account_id).values(changed))


@contextmanager
def _taken() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "uq_accounts_email_key" in str(error.orig):
            raise EmailTaken from error
        raise


async def remove(tx: AsyncConnection, account_id: UUID) -> None:
    await tx.execute(delete(accounts).where(accounts.c.id == account_id))


async def lock_admins(tx: AsyncConnection) -> None:
    """Until the transaction ends, nobody else can make or remove an administrator."""
    await tx.execute(text("select pg_advisory_xact_lock(hashtext('auth.admins'))"))


async def count_admins(tx: AsyncConnection) -> int:
    query = select(func.count()).select_from(accounts).where(text("'admin' = any (roles)"))
    return int((await tx.execute(query.where(accounts.c.disabled_at.is_(None)))).scalar_one())
