"""Whether a backup is under way, whose snapshot may point at objects that nothing else points at any more."""

from sqlalchemy import func, select

from strongroom.database.engine import Transaction

# The advisory lock that a backup holds from before its snapshot until all objects are copied. PostgreSQL ends it with
# the backup's connection, so also when the backup dies.
NAME = "strongroom backup"


async def backup_is_under_way(connection: Transaction) -> bool:
    """Ask after it is certain that no row points at what is to be deleted: a snapshot taken later has no such row."""
    # Shared, so that those who ask at once do not take each other for the backup; let go when the statement ends.
    free = select(func.pg_try_advisory_xact_lock_shared(func.hashtextextended(NAME, 0)))
    return not (await connection.execute(free)).scalar_one()
