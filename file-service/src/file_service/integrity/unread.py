"""Asks for what should have been derived from files and never was: of those that came before there was a parser."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select

from file_service.database.tables import derivations, files
from file_service.derivations.service import Derivations
from file_service.files.derivable import derivable
from file_service.files.repository import file_of
from file_service.integrity import rounds
from strongroom.database import Database, Transaction

CHORE = "unread"

_FIRST = UUID(int=0)
_AT_ONCE = 500


class Unread:
    """A round goes through all files, and comes `every` so often."""

    def __init__(
        self,
        database: Database,
        asking: Derivations,
        *,
        every: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._asking = asking
        self._every = every
        self._clock = clock

    async def turn(self) -> None:
        """The rest of a round, if one is due or was begun. Two at once do no harm."""
        async with self._database.reading() as connection:
            reached = await rounds.find(connection, CHORE)
        finished = reached.finished_at
        if not reached.position and finished is not None and self._clock() - finished < self._every:
            return
        position: UUID | None = UUID(reached.position) if reached.position else _FIRST
        while position is not None:
            position = await self._some(position)

    async def _some(self, after: UUID) -> UUID | None:
        """Where to go on; None at the end."""
        async with self._database.begin() as tx:
            last = await self._ask(tx, after)
            if last is None:
                await rounds.finish(tx, CHORE, self._clock())
            else:
                await rounds.reach(tx, CHORE, str(last), self._clock())
        return last

    async def _ask(self, tx: Transaction, after: UUID) -> UUID | None:
        read = exists().where(derivations.c.object_key == files.c.object_key)
        unread = select(files).where(files.c.id > after, ~read).order_by(files.c.id).limit(_AT_ONCE)
        # Locked, so that none is removed before what is asked for can be forgotten with it.
        rows = (await tx.execute(unread.with_for_update(read=True, key_share=True))).mappings()
        found = [file_of(row) for row in rows]
        await self._asking.ask_within(tx, [derivable(one) for one in found])
        return found[-1].id if found else None
