"""Lets one process at a time do something, of all that use the same database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, select

from strongroom.database.engine import Database


@asynccontextmanager
async def exclusively(database: Database, what: str) -> AsyncIterator[bool]:
    """Gives whether nobody else is at it; who is given False is to leave it. Nobody waits.

    PostgreSQL ends the claim with the connection, so also when the process dies. That takes a connection for as long,
    and no transaction, so it may be held across S3 and HTTP. Whoever loses the connection goes on and is not told:
    what is done twice must do no harm.
    """
    key = func.hashtextextended(what, 0)
    async with database.reading() as connection:
        alone = bool((await connection.execute(select(func.pg_try_advisory_lock(key)))).scalar_one())
        try:
            yield alone
        finally:
            if alone:
                await connection.execute(select(func.pg_advisory_unlock(key)))
