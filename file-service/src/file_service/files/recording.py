"""Makes rows of bytes that have been stored: new files, or new versions of those that are there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.conditions import NO_PRECONDITIONS, Preconditions
from file_service.derivations.service import Derivations
from file_service.files import repository
from file_service.files.derivable import derivable
from file_service.files.errors import FileNotFound, PreconditionFailed
from file_service.files.repository import File
from file_service.files.telling import CREATED, UPDATED, tell
from file_service.files.version_repository import Content
from file_service.usage.service import Quotas
from strongroom.database import Database, Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Arrival:
    """Bytes that are stored, and the path that they are for. `options` are for the parsers that will read them."""

    path: str
    content: Content
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    file: File
    is_new: bool


# More that is done in the transaction that makes the rows; what it raises, undoes them.
Also = Callable[[Transaction, Sequence[Recorded]], Awaitable[None]]


class Recording:
    """Bytes first, rows second: whatever is raised here, the bytes are for the caller to take back."""

    def __init__(
        self,
        database: Database,
        quotas: Quotas,
        derivations: Derivations,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._derivations = derivations
        self._clock = clock

    async def require(self, owner: UUID, path: str, expected: Preconditions) -> None:
        """So that nothing is sent in vain; what decides is `record`. Raises PreconditionFailed."""
        if expected == NO_PRECONDITIONS:
            return
        async with self._database.reading() as connection:
            _check(expected, await repository.at(connection, owner, path))

    async def record(
        self,
        owner: UUID,
        arrivals: Sequence[Arrival],
        expected: Preconditions = NO_PRECONDITIONS,
        *,
        also: Also | None = None,
    ) -> list[Recorded]:
        """In the order of the arrivals, all of them or none. Raises QuotaExceeded, PreconditionFailed."""
        now = self._clock()
        async with self._quotas.changing(owner) as (tx, usage):
            recorded = [await self._put(tx, owner, arrival, expected, now) for arrival in arrivals]
            await self._quotas.charge_within(
                tx,
                owner,
                usage,
                bytes_=sum(arrival.content.size for arrival in arrivals),
                files=sum(one.is_new for one in recorded),
            )
            new = [derivable(one.file, arrival.options) for one, arrival in zip(recorded, arrivals, strict=True)]
            await self._derivations.ask_within(tx, new)
            if also is not None:
                await also(tx, recorded)
            await tell(tx, owner, CREATED, [one.file.id for one in recorded if one.is_new])
            await tell(tx, owner, UPDATED, [one.file.id for one in recorded if not one.is_new])
        for one in recorded:
            _log(one.file)
        return recorded

    async def require_version(self, account: UUID, file_id: UUID, expected: Preconditions) -> None:
        """As `require`, for `record_version`. Raises FileNotFound, PreconditionFailed."""
        async with self._database.reading() as connection:
            _check(expected, await self._writable(connection, account, file_id))

    async def record_version(self, account: UUID, file_id: UUID, content: Content, expected: Preconditions) -> File:
        """Of a file that the account may write; its owner is charged. Raises QuotaExceeded too."""
        async with self._database.reading() as connection:
            owner = (await self._writable(connection, account, file_id)).owner_id
        async with self._quotas.changing(owner) as (tx, usage):
            # Once more, since it may have changed before the lock was had.
            file = await self._writable(tx, account, file_id)
            _check(expected, file)
            changed = await repository.put_version(tx, file, content, self._clock())
            await self._quotas.charge_within(tx, owner, usage, bytes_=content.size)
            await self._derivations.ask_within(tx, [derivable(changed)])
            await tell(tx, owner, UPDATED, [file_id])
        _log(changed)
        return changed

    async def _writable(self, tx: Transaction, account: UUID, file_id: UUID) -> File:
        file = await repository.visible(tx, account, file_id, to_write=True)
        if file is None:
            raise FileNotFound
        return file

    async def _put(
        self, tx: Transaction, owner: UUID, arrival: Arrival, expected: Preconditions, now: datetime
    ) -> Recorded:
        current = await repository.at(tx, owner, arrival.path)
        _check(expected, current)
        if current is not None:
            return Recorded(await repository.put_version(tx, current, arrival.content, now), is_new=False)
        file = File(
            id=uuid7(),
            owner_id=owner,
            path=arrival.path,
            version=1,
            content=arrival.content,
            tags=(),
            metadata={},
            created_at=now,
            updated_at=now,
            trashed_at=None,
        )
        await repository.add(tx, file)
        return Recorded(file, is_new=True)


def _check(expected: Preconditions, current: File | None) -> None:
    if not expected.hold(current.content.etag if current else None):
        raise PreconditionFailed


def _log(file: File) -> None:
    log.info("file.uploaded", file_id=str(file.id), version=file.version, size=file.content.size)
