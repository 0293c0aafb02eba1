"""What is about the same comes in order, whatever fails; the rest does not wait for it."""

import asyncio
from uuid import UUID, uuid4

import pytest
from starlette.responses import Response
from webhook_receiver import Message, Receiver
from webhook_rig import WebhookRig

from file_service.posting import Patience
from file_service.settings import FileSettings
from strongroom.database import Database


@pytest.fixture
def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"webhook_private_addresses": True})


async def test_one_file_waits_for_its_failing_message_and_others_do_not(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    broken, fine = uuid4(), uuid4()
    mended = asyncio.Event()

    async def answer(message: Message) -> Response:
        failing = message.data["id"] == str(broken) and not mended.is_set()
        return Response(status_code=500 if failing else 200)

    receiver.answer = answer
    async with webhooks.posting():
        for _ in range(5):
            await webhooks.happened("file.updated", subject=broken)
            await webhooks.happened("file.updated", subject=fine)
        await hook.until(lambda _, log: sum(one["state"] == "delivered" for one in log) == 5)
        assert {one.event["id"] for one in receiver.received if one.data["id"] == str(broken)} == {"1"}
        mended.set()
        log = await hook.settled(10)
    assert all(one["state"] == "delivered" for one in log)
    assert arrived(receiver, broken) == ["1", "3", "5", "7", "9"]
    assert arrived(receiver, fine) == ["2", "4", "6", "8", "10"]


def arrived(receiver: Receiver, subject: UUID) -> list[str]:
    """Events about the subject in the order that they came in, each once."""
    return list(dict.fromkeys(one.event["id"] for one in receiver.received if one.data["id"] == str(subject)))


async def test_many_files_at_once_each_in_order_and_nothing_twice(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    """By three workers at once, for two webhooks, while it goes on happening."""
    hooks = [await webhooks.hook(f"{receiving}/{number}") for number in range(2)]
    subjects = [uuid4() for _ in range(7)]

    async def answer(_: Message) -> Response:
        await asyncio.sleep(0)
        return Response()

    receiver.answer = answer
    async with webhooks.posting(), webhooks.posting(), webhooks.posting():
        for number in range(84):
            await webhooks.happened("file.updated", subject=subjects[number % 7])
        await receiver.until(2 * 84)
        for hook in hooks:
            assert all(len(one["attempts"]) == 1 for one in await hook.settled(84))
    assert len(receiver.received) == 2 * 84
    assert len({message.id for message in receiver.received}) == 2 * 84
    assert receiver.most_at_once <= 2 * 4
    for hook in hooks:
        ids = {one["message_id"] for one in await hook.log()}
        mine = [message for message in receiver.received if message.id in ids]
        for subject in subjects:
            numbers = [int(one.event["id"]) for one in mine if one.data["id"] == str(subject)]
            assert numbers == sorted(set(numbers))
            assert len(numbers) == 12


async def test_links_and_shares_of_a_file_are_in_order_with_it(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    file = uuid4()
    receiver.statuses(500, 500, 500, 200)
    async with webhooks.posting():
        await webhooks.happened("file.created", subject=file)
        await webhooks.happened("link.created", file_id=file)
        await webhooks.happened("file.deleted", subject=file)
        await hook.settled(3)
    assert list(dict.fromkeys(one.event["id"] for one in receiver.received)) == ["1", "2", "3"]


async def test_who_does_not_answer_is_asked_by_one_at_a_time(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    mended = asyncio.Event()

    async def answer(_: Message) -> Response:
        await asyncio.sleep(0.01)  # as receivers take a moment
        return Response(status_code=200 if mended.is_set() else 500)

    receiver.answer = answer
    async with webhooks.posting():
        await webhooks.happened()
        await receiver.until(1)
        await hook.until(lambda shown, _: shown["failing_since"] is not None)
        receiver.most_at_once = 0
        for _ in range(20):
            await webhooks.happened()
        await receiver.until(60)
        assert receiver.most_at_once == 1
        mended.set()
        await hook.settled(21)


async def test_what_is_asked_for_again_goes_before_younger_ones_about_the_same(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    subject, freed = uuid4(), asyncio.Event()
    async with webhooks.posting():
        await webhooks.happened(subject=subject)
        (first,) = await hook.settled()

        async def hang(_: Message) -> Response:
            await freed.wait()
            return Response()

        receiver.answer = hang
        await webhooks.happened(subject=subject)
        await receiver.until(2)
        await webhooks.happened(subject=subject)
        await hook.until(lambda _, log: len(log) == 3)
        assert (await hook.redeliver(first["id"])).json()["state"] == "pending"
        freed.set()
        await receiver.until(4)
        await hook.settled(3)
    assert [one.event["id"] for one in receiver.received] == ["1", "2", "1", "3"]


async def test_a_lost_notification_only_delays(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, database: Database
) -> None:
    patience = Patience(message=10, due=0.02, everything=0.05)
    hook = await webhooks.hook(receiving)
    async with webhooks.posting(patience=patience):
        await webhooks.happened()
        await receiver.until(1)
        async with database.begin() as tx:  # as an event does, but without a word
            await tx.exec_driver_sql("update files.owners set last_event = last_event + 1")
            await tx.exec_driver_sql(
                "insert into files.events (owner_id, number, type, data, occurred_at)"
                " select owner_id, last_event, 'file.created', '{}', now() from files.owners"
            )
        await receiver.until(2)
        await hook.settled(2)


async def test_owners_without_webhooks_cost_nothing(webhooks: WebhookRig, database: Database) -> None:
    await webhooks.hook("https://93.184.215.14/")
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.owners (owner_id, bytes, file_count, last_event)"
            " select gen_random_uuid(), 0, 0, 7 from generate_series(1, 20000)"
        )
    async with database.begin() as tx:
        await tx.exec_driver_sql("analyze files.owners")
        plan = await tx.exec_driver_sql(
            "explain select w.id from files.webhooks w join files.owners o on o.owner_id = w.owner_id"
            " where w.disabled_at is null and w.dispatched < o.last_event"
        )
        assert not [line for (line,) in plan if "Seq Scan on owners" in line]
