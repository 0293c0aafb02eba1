"""Has those go on whose turn has come."""

from datetime import datetime
from uuid import UUID

from file_service.webhooks import repository
from file_service.webhooks.lanes import Lanes
from strongroom.database import Database


async def go_on_with_due(database: Database, lanes: Lanes, now: datetime, owner_id: UUID | None = None) -> None:
    """All webhooks where something is due; or those of one owner, of whose places one has become free.

    Each in a transaction of its own: nobody locks two.
    """
    async with database.reading() as connection:
        due = await repository.due(connection, now, owner_id)
    for webhook_id in due:
        async with database.begin() as tx:
            webhook = await repository.lock(tx, webhook_id)
            if webhook is not None:
                await lanes.go_on(tx, webhook, now)
