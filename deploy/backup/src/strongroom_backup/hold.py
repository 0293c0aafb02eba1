"""The backup's side of the promise that no object goes while it may still have to be copied (ADR 0023)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from strongroom.database.backup_hold import NAME
from strongroom_backup.connection import connected
from strongroom_backup.errors import BackupUnderWay

_PATIENCE = "5s"  # of those who ask whether there is a backup, none takes a millisecond


@asynccontextmanager
async def held(url: str, *, patience: str = _PATIENCE) -> AsyncIterator[None]:
    """To be entered before the snapshot is taken. Raises BackupUnderWay.

    Should the connection be lost, then objects may go; the backup finds out when it does not get one, and fails.
    """
    async with connected(url) as connection:
        await connection.execute(f"set lock_timeout = '{patience}'")
        try:
            await connection.execute("select pg_advisory_lock(hashtextextended($1, 0))", NAME)
        except asyncpg.LockNotAvailableError as error:
            raise BackupUnderWay("Another backup of this database is under way") from error
        yield
