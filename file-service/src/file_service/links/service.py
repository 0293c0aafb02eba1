"""What an owner does with share links: makes, lists and revokes them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.files import repository as files
from file_service.files.errors import FileNotFound
from file_service.folders.errors import FolderNotFound
from file_service.links import repository
from file_service.links.errors import ExpiresInThePast, LinkNotFound
from file_service.links.passwords import LinkPasswords
from file_service.links.repository import Link
from file_service.links.telling import CREATED, DELETED, tell
from file_service.links.tokens import digest, new_token
from file_service.usage.errors import OwnerBusy, OwnerGone
from file_service.usage.service import Quotas
from strongroom.database import Database, Transaction

log = structlog.get_logger()

_KEPT_AFTER_EXPIRY = timedelta(days=7)  # so that its owner can see in the list why it no longer works


@dataclass(frozen=True, slots=True)
class Terms:
    """None does not limit."""

    expires_at: datetime | None = None
    password: str | None = None
    max_downloads: int | None = None


@dataclass(frozen=True, slots=True)
class NewLink:
    """`token` is kept by nobody but whoever is given it now."""

    link: Link
    token: str


class Links:
    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        passwords: LinkPasswords,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._passwords = passwords
        self._clock = clock

    async def to_file(self, owner: UUID, file_id: UUID, terms: Terms) -> NewLink:
        """Raises FileNotFound, also for one that is only shared with the account; ExpiresInThePast."""
        link = await self._link(owner, terms)
        token = new_token()
        async with self._quotas.changing(owner) as (tx, _):
            if await files.owned(tx, owner, file_id) is None:
                raise FileNotFound
            link = await self._add(tx, replace(link, file_id=file_id), token)
        return self._made(link, token)

    async def to_folder(self, owner: UUID, folder: str, terms: Terms) -> NewLink:
        """To whatever will be in it. Raises FolderNotFound, ExpiresInThePast."""
        link = await self._link(owner, terms)
        token = new_token()
        async with self._quotas.changing(owner) as (tx, _):
            if (await repository.contents(tx, owner, folder)).files == 0:
                raise FolderNotFound
            link = await self._add(tx, replace(link, folder=folder), token)
        return self._made(link, token)

    async def listed(self, owner: UUID, *, before: UUID | None, limit: int) -> Sequence[Link]:
        """Newest first; also those that no longer work, until they are pruned."""
        async with self._database.reading() as connection:
            return await repository.listed(connection, owner, before=before, limit=limit)

    async def revoke(self, owner: UUID, link_id: UUID) -> None:
        """Raises LinkNotFound."""
        async with self._quotas.changing(owner) as (tx, _):
            await tell(tx, owner, DELETED, [link_id])
            if not await repository.remove(tx, owner, [link_id]):
                raise LinkNotFound
        log.info("link.revoked", link_id=str(link_id))

    async def prune(self) -> None:
        """Removes links a week after they have expired."""
        before = self._clock() - _KEPT_AFTER_EXPIRY
        async with self._database.reading() as connection:
            owners = await repository.owners_of_expired(connection, before)
        for owner in owners:
            with suppress(OwnerBusy, OwnerGone):  # the others have their turn all the same
                await self._prune(owner, before)

    async def _prune(self, owner: UUID, before: datetime) -> None:
        async with self._quotas.changing(owner) as (tx, _):
            expired = await repository.expired(tx, owner, before)
            await tell(tx, owner, DELETED, expired)
            count = await repository.remove(tx, owner, expired)
        log.info("links.pruned", owner=str(owner), count=count)

    async def _add(self, tx: Transaction, link: Link, token: str) -> Link:
        await repository.add(tx, link, digest(token))
        await tell(tx, link.owner_id, CREATED, [link.id])
        return link

    async def _link(self, owner: UUID, terms: Terms) -> Link:
        now = self._clock()
        if terms.expires_at is not None and terms.expires_at <= now:
            raise ExpiresInThePast
        return Link(
            id=uuid7(),
            owner_id=owner,
            file_id=None,
            folder=None,
            password_hash=None if terms.password is None else await self._passwords.hash(terms.password),
            expires_at=terms.expires_at,
            max_downloads=terms.max_downloads,
            downloads=0,
            created_at=now,
        )

    def _made(self, link: Link, token: str) -> NewLink:
        log.info("link.created", link_id=str(link.id))
        return NewLink(link, token)
