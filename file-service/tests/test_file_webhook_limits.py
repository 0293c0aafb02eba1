"""What one account has sent takes so many places and so much room, and ending it keeps nobody waiting."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from file_client import FileClient
from starlette.responses import Response
from webhook_receiver import Message, Receiver
from webhook_rig import Hook, WebhookRig

from file_service.settings import FileSettings
from file_service.webhooks.addresses import ResolverBusy
from file_service.webhooks.dispatching import Dispatching
from file_service.webhooks.lanes import Lanes
from strongroom.database import Database
from strongroom.database.jobs import JobQueue

MANY = 2500


@pytest.fixture
def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"webhook_private_addresses": True})


async def soon(event: asyncio.Event) -> None:
    """Waits for it, but not for ever: the receiver is to end also where a test fails."""
    with suppress(TimeoutError):
        async with asyncio.timeout(8):
            await event.wait()


async def states(database: Database) -> dict[str, int]:
    async with database.reading() as connection:
        query = "select state, count(*) as number from files.webhook_deliveries group by state"
        found = (await connection.exec_driver_sql(query)).all()
    return {str(row.state): int(row.number) for row in found}


async def fill(database: Database, hook: Hook, count: int, *, state: str, first: int = 1) -> None:
    """So many deliveries, each about something else; with the number of an event that there is not."""
    ended = "now()" if state == "delivered" else "null"
    due = "now() + interval '1 hour'" if state == "due" else "null"
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.webhook_deliveries (id, webhook_id, number, type, subject, body, state, due_at,"
            " expires_at, turn, failures, attempts, created_at, ended_at) select uuidv7(), $1::uuid, n, 'file.updated',"
            f" gen_random_uuid()::text, '{{}}', '{state}', {due}, now() + interval '1 day', 0, 0, '[]', now(), {ended}"
            " from generate_series($2::int, $2::int + $3::int - 1) n",
            (UUID(hook.id), first, count),
        )


async def test_all_webhooks_of_an_account_have_eight_places_and_who_finds_none_comes_next(
    webhooks: WebhookRig,
    client_of: Callable[..., FileClient],
    receiver: Receiver,
    receiving: str,
    database: Database,
    settings: FileSettings,
) -> None:
    bob, freed = WebhookRig(settings, database, client_of()), asyncio.Event()
    hooks = [await webhooks.hook(f"{receiving}/{number}") for number in range(4)]
    bobs = await bob.hook(receiving)

    async def answer(message: Message) -> Response:
        if message.event["type"] == "file.updated":
            await soon(freed)
        return Response()

    receiver.answer = answer
    async with webhooks.posting():
        for _ in range(6):
            await webhooks.happened("file.updated")
        for hook in hooks:
            await hook.until(lambda _, log: len(log) == 6)
        await receiver.until(8)
        await bob.happened("link.created")
        await bobs.settled()
        assert (await states(database))["sending"] == 8
        freed.set()
        for hook in hooks:
            await hook.settled(6)
    assert len(receiver.received) == 4 * 6 + 1
    assert receiver.most_at_once <= 8 + 1


async def test_that_nobody_could_look_its_name_up_is_not_the_receivers_failure(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving.replace("127.0.0.1", "receiver.invalid"))
    answers: list[Sequence[str] | None] = [None, ["127.0.0.1"]]

    async def resolve(_: str) -> Sequence[str]:
        answer = answers.pop(0)
        if answer is None:
            raise ResolverBusy
        return answer

    async with webhooks.posting(resolve=resolve):
        await webhooks.happened()
        (delivery,) = await hook.settled()
    assert [one["error"] for one in delivery["attempts"]] == [None]
    assert answers == []


async def test_who_fails_in_tests_is_asked_by_one_at_a_time_but_does_not_count_as_failing(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, database: Database
) -> None:
    hook, freed = await webhooks.hook(receiving), asyncio.Event()
    receiver.statuses(500)
    async with webhooks.posting():
        assert (await hook.test()).status_code == 202
        await hook.settled()

        async def hang(_: Message) -> Response:
            await soon(freed)
            return Response()

        receiver.answer = hang
        for _ in range(3):
            await webhooks.happened()
        await hook.until(lambda _, log: len(log) == 4)
        assert (await states(database))["sending"] == 1
        assert (await hook.shown())["failing_since"] is None
        freed.set()
        await hook.settled(4)


@pytest.mark.parametrize("state", ["waiting", "due"])
async def test_what_very_many_wait_for_is_disabled_at_once_and_ends_little_by_little(
    webhooks: WebhookRig, receiving: str, database: Database, state: str
) -> None:
    hook = await webhooks.hook(receiving)
    await fill(database, hook, MANY, state=state)
    assert not (await hook.change(enabled=False))["enabled"]
    assert await states(database) == {"failed": 1000, state: MANY - 1000}
    for resume in (False, True):
        refused = await webhooks.client.patch(hook.path, enabled=True, resume=resume)
        assert (refused.status_code, refused.json()["type"]) == (
            *(409, "urn:problem-type:strongroom:webhook-still-ending"),
        )
    async with webhooks.posting():
        async with asyncio.timeout(20):
            while await states(database) != {"failed": MANY}:
                pass
    assert (await hook.change(enabled=True, resume=True))["enabled"]
    revived = await states(database)
    assert revived.pop("sending") == 4
    assert sum(revived.values()) == MANY - 4
    assert "failed" not in revived


async def test_what_the_old_url_answers_does_not_count_for_the_new_one(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook, moved = await webhooks.hook(f"{receiving}/old"), asyncio.Event()

    async def gone(_: Message) -> Response:
        await soon(moved)
        receiver.answer = receiver.accept
        return Response(status_code=410)

    receiver.answer = gone
    async with webhooks.posting():
        await webhooks.happened()
        await receiver.until(1)
        await hook.change(url=f"{receiving}/new")
        moved.set()
        (delivery,) = await hook.settled()
    assert [one["status"] for one in delivery["attempts"]] == [410, 204]
    shown = await hook.shown()
    assert (shown["enabled"], shown["failing_since"]) == (True, None)


async def test_one_test_of_a_webhook_is_on_its_way_at_a_time(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook, other = await webhooks.hook(receiving), await webhooks.hook(receiving)
    assert (await hook.test()).status_code == 202
    refused = await hook.test()
    assert (refused.status_code, refused.json()["type"]) == (
        *(409, "urn:problem-type:strongroom:webhook-test-under-way"),
    )
    assert (await other.test()).status_code == 202
    async with webhooks.posting():
        await hook.settled()
        assert (await hook.test()).status_code == 202
        await hook.settled(2)


async def test_the_oldest_of_what_is_too_much_is_forgotten_but_for_what_can_be_resumed(
    webhooks: WebhookRig, receiving: str, database: Database
) -> None:
    hook, other = await webhooks.hook(receiving), await webhooks.hook(receiving)
    await fill(database, hook, 5, state="delivered")
    await fill(database, hook, 4, state="waiting", first=6)
    await fill(database, other, 3, state="delivered")
    await hook.change(enabled=False)
    lanes = Lanes(JobQueue(database, "files"))
    await Dispatching(database, lanes, kept=timedelta(days=30), kept_at_most=3).prune()
    assert [one["event_id"] for one in await hook.log()] == ["3", "4", "5", "6", "7", "8", "9"]
    assert len(await other.log()) == 3
