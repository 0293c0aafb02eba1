"""Makes as many events as one wants, of any size."""

from strongroom.database import Database


async def add_events(database: Database, count: int, *, filling: int = 0) -> None:
    """Behind the first and only one, as if so much had happened."""
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.events (owner_id, number, type, path, data, occurred_at)"
            " select owner_id, place, type, path,"
            " left(data, -1) || ',\"filling\":\"' || repeat('x', $2) || '\"}', now()"
            " from files.events, generate_series(2, $1 + 1) as more (place)",
            (count, filling),
        )
        await tx.exec_driver_sql("update files.owners set last_event = $1 + 1", (count,))
        await tx.exec_driver_sql("select pg_notify('files_events', cast(owner_id as text)) from files.owners")
