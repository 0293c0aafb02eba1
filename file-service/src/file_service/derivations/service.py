"""Asks for what can be derived from new files, in the transaction that makes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from file_service.derivations import passages, repository
from file_service.derivations.kinds import parsers
from file_service.derivations.repository import Derivation
from strongroom.database import Transaction
from strongroom.database.jobs import JobQueue

DERIVE = "derive"
DERIVE_TABLE = "derive-table"  # these can take minutes, and must not be in the way of the others

_BATCH = 1000  # a statement has no room for more
_JOBS = {"csv": DERIVE_TABLE, "xlsx": DERIVE_TABLE}


@dataclass(frozen=True, slots=True)
class NewObject:
    """`options` are told to the parsers whose names they stand under, which are asked whatever the type is."""

    owner_id: UUID
    object_key: str
    filename: str
    content_type: str
    size: int
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Derivations:
    def __init__(self, jobs: JobQueue, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._jobs = jobs
        self._clock = clock

    async def ask_within(self, tx: Transaction, objects: Sequence[NewObject]) -> None:
        """Once more does no harm."""
        wanted = [one for each in objects if each.size for one in _wanted(each)]
        for start in range(0, len(wanted), _BATCH):
            await self._ask_within(tx, wanted[start : start + _BATCH])

    async def again_within(self, tx: Transaction, one: Derivation) -> None:
        """As if it had never been done. It is to be locked."""
        await repository.restart(tx, one)
        await passages.remove(tx, one)
        await self._enqueue(tx, [(one.object_key, one.parser)])

    async def _ask_within(self, tx: Transaction, wanted: Sequence[Derivation]) -> None:
        await self._enqueue(tx, await repository.add(tx, wanted, self._clock()))

    async def _enqueue(self, tx: Transaction, new: Sequence[tuple[str, str]]) -> None:
        for name in (DERIVE, DERIVE_TABLE):
            payloads = [{"key": key, "parser": parser} for key, parser in new if _JOBS.get(parser, DERIVE) == name]
            await self._jobs.enqueue_all(tx, name, payloads)


def _wanted(new: NewObject) -> list[Derivation]:
    names = dict.fromkeys([*parsers(new.content_type, new.filename), *new.options])
    return [
        Derivation(
            object_key=new.object_key,
            parser=parser,
            owner_id=new.owner_id,
            filename=new.filename,
            content_type=new.content_type,
            size=new.size,
            options=new.options.get(parser, {}),
            state="waiting",
            reason=None,
            detail=None,
            facts=None,
            finished_at=None,
        )
        for parser in names
    ]
