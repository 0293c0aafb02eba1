"""However much one account has happen, and whatever it writes: others, and what comes later, do not wait for it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from file_client import FileClient
from webhook_receiver import Receiver
from webhook_rig import WebhookRig

from file_service.settings import FileSettings
from strongroom.database import Database

BACKLOG = 1000


@pytest.fixture
def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"webhook_private_addresses": True})


async def test_one_accounts_backlog_does_not_hold_up_anothers_events(
    webhooks: WebhookRig,
    client_of: Callable[..., FileClient],
    receiver: Receiver,
    receiving: str,
    database: Database,
    settings: FileSettings,
) -> None:
    bob = WebhookRig(settings, database, client_of())
    for number in range(4):
        await webhooks.hook(f"{receiving}/{number}", types=["file.updated"])
    await bob.hook(receiving)
    async with webhooks.posting():
        await bob.happened()
        await receiver.until(1)
        await backlog(webhooks)
        await bob.happened("link.created")
        while "link.created" not in [one.event["type"] for one in receiver.received]:
            await receiver.until(len(receiver.received) + 1)
        assert await furthest_behind(webhooks) < BACKLOG


async def backlog(webhooks: WebhookRig) -> None:
    """So many events in the account's log, at once."""
    account = UUID(webhooks.client.account)
    async with webhooks.database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.events (owner_id, number, type, path, data, occurred_at)"
            " select $1::uuid, place, 'file.updated', 'a', '{\"id\":\"' || gen_random_uuid() || '\"}', now()"
            " from generate_series(1, $2::int) as more (place)",
            (account, BACKLOG),
        )
        query = "update files.owners set last_event = $1::int where owner_id = $2"
        await tx.exec_driver_sql(query, (BACKLOG, account))
        await tx.exec_driver_sql("select pg_notify('files_events', $1)", (str(account),))


async def furthest_behind(webhooks: WebhookRig) -> int:
    query = "select min(dispatched) from files.webhooks where owner_id = $1"
    async with webhooks.database.reading() as connection:
        found = await connection.exec_driver_sql(query, (UUID(webhooks.client.account),))
        return int(found.scalar_one())


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


async def test_what_is_nested_deeply_is_told_like_everything_else(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    await webhooks.hook(receiving)
    async with webhooks.posting():
        await webhooks.happened("file.updated", metadata=nested(240))
        await webhooks.happened("link.created")
        received = await receiver.until(2)
    assert sum(b"link.created" in one.body for one in received) == 1


async def test_what_cannot_be_read_is_told_too(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, database: Database
) -> None:
    await webhooks.hook(receiving)
    for data in ("[]", "{", "[" * 100_000):
        await webhooks.happened("file.updated")
        async with database.begin() as tx:
            query = "update files.events set data = $1 where number = (select max(number) from files.events)"
            await tx.exec_driver_sql(query, (data,))
    await webhooks.happened("link.created")
    async with webhooks.posting():
        received = await receiver.until(4)
    assert sum(b"link.created" in one.body for one in received) == 1
