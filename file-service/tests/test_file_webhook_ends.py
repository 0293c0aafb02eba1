"""A webhook where nothing arrives is disabled, and its owner told; what is over is forgotten after a while."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from moving_clock import MovingClock
from starlette.responses import Response
from webhook_receiver import Message, Receiver
from webhook_rig import Hook, WebhookRig

from file_service.events import repository as events
from file_service.settings import FileSettings
from file_service.webhooks.backoff import Backoff, wished
from strongroom.database import Database


@pytest.fixture
def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"webhook_private_addresses": True})


async def told(webhooks: WebhookRig) -> list[tuple[str, str]]:
    """Types and data of the events in the log that are about webhooks."""
    async with webhooks.database.reading() as connection:
        found = await events.since(connection, UUID(webhooks.client.account), 0, 1000)
    return [(event.type, event.data) for event in found if event.type.startswith("webhook.")]


async def test_who_is_gone_is_told_nothing_more_and_the_owner_is(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    gone = await webhooks.hook(f"{receiving}/secret-path", types=["file.*"], description="the old one")
    other = await webhooks.hook(f"{receiving}/other", types=["webhook.*"])

    async def answer(message: Message) -> Response:
        return Response(status_code=410 if message.event["type"].startswith("file.") else 200)

    receiver.answer = answer
    async with webhooks.posting():
        subject = await webhooks.happened()
        await webhooks.happened(subject=subject)
        shown = await disabled(gone)
        await webhooks.happened(subject=subject)
        (delivery,) = await other.settled()
        first, second = await gone.settled(2)
    assert (shown["enabled"], shown["disabled_reason"]) == (False, "gone")
    assert (first["state"], first["reason"], second["state"], second["reason"]) == (
        *("failed", "webhook-disabled"),
        *("failed", "webhook-disabled"),
    )
    assert [one["status"] for one in first["attempts"]] == [410]
    assert delivery["event_type"] == "webhook.disabled"
    message = next(one for one in receiver.received if one.event["type"] == "webhook.disabled")
    assert message.verified(other.secret)["data"] == {
        "id": gone.id,
        "description": "the old one",
        "reason": "gone",
        "disabled_at": shown["disabled_at"],
    }
    assert [kind for kind, _ in await told(webhooks)] == ["webhook.disabled"]
    assert b"secret-path" not in message.body
    for refused in (await gone.test(), await gone.redeliver(first["id"])):
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem-type:strongroom:webhook-disabled")


async def disabled(hook: Hook) -> Any:
    await hook.until(lambda shown, _: not shown["enabled"])
    return await hook.shown()


async def test_who_fails_for_days_without_one_success_is_disabled(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    clock = MovingClock()
    hook = await webhooks.hook(receiving)
    receiver.statuses(500)
    async with webhooks.posting(clock=clock):
        await webhooks.happened()
        await hook.until(lambda _, log: bool(log and log[0]["attempts"]))
        assert (await hook.shown())["enabled"]
        clock.forward(days=2.9)
        await webhooks.happened()
        await hook.until(lambda _, log: len(log) == 2 and bool(log[1]["attempts"]))
        assert (await hook.shown())["enabled"]
        clock.forward(days=0.2)
        await disabled(hook)
    assert (await hook.shown())["disabled_reason"] == "failing"
    assert {one["state"] for one in await hook.log()} == {"failed"}
    assert len(await told(webhooks)) == 1


def delivered(count: int) -> Callable[[Any, Any], bool]:
    return lambda _, log: sum(one["state"] == "delivered" for one in log) == count


async def test_one_success_begins_anew(webhooks: WebhookRig, receiver: Receiver, receiving: str) -> None:
    clock = MovingClock()
    hook = await webhooks.hook(receiving)
    broken = uuid4()

    async def answer(message: Message) -> Response:
        return Response(status_code=500 if message.data["id"] == str(broken) else 200)

    receiver.answer = answer
    async with webhooks.posting(clock=clock):
        for number in range(3):
            await webhooks.happened(subject=broken)
            await hook.until(lambda shown, _: shown["failing_since"] is not None)
            await webhooks.happened()
            await hook.until(delivered(number + 1))
            clock.forward(days=2)
    assert (await hook.shown())["enabled"]
    assert await told(webhooks) == []


async def test_what_was_disabled_goes_on_from_now_or_from_where_it_was(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    fresh, resumed = await webhooks.hook(f"{receiving}/fresh"), await webhooks.hook(f"{receiving}/resumed")
    receiver.statuses(500)
    subject = uuid4()
    async with webhooks.posting(backoff=Backoff(pauses=(timedelta(hours=1),), rests=(timedelta(),))):
        for _ in range(3):
            await webhooks.happened(types="file.created", subject=subject)
        for hook in (fresh, resumed):
            await hook.until(lambda _, log: len(log) == 3 and bool(log[0]["attempts"]))
    for hook in (fresh, resumed):
        changed = await hook.change(enabled=False)
        assert (changed["enabled"], changed["disabled_reason"]) == (False, "by-owner")
        assert {one["reason"] for one in await hook.log()} == {"webhook-disabled"}
    await webhooks.happened()
    receiver.received.clear()
    receiver.statuses(200)
    assert (await fresh.change(enabled=True))["failing_since"] is None
    assert (await resumed.change(enabled=True, resume=True))["disabled_reason"] is None
    async with webhooks.posting():
        await webhooks.happened("file.updated")
        await resumed.settled(7)
        await fresh.settled(4)
    mine = {one["message_id"] for one in await resumed.log()}
    assert [one.event["id"] for one in receiver.received if one.data.get("id") == str(subject)] == ["1", "2", "3"]
    # Two were told that a webhook had been disabled, in between.
    assert sorted(int(one.event["id"]) for one in receiver.received if one.id in mine) == [1, 2, 3, 4, 5, 6, 7]
    assert [one.event["id"] for one in receiver.received if one.id not in mine] == ["7"]


async def test_what_is_removed_is_told_nothing_and_hurts_nobody(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, database: Database
) -> None:
    hook, other = await webhooks.hook(receiving), await webhooks.hook(f"{receiving}/other", types=["link.*"])
    freed = asyncio.Event()

    async def hang(_: Message) -> Response:
        await freed.wait()
        return Response()

    receiver.answer = hang
    async with webhooks.posting():
        subject = await webhooks.happened()
        await webhooks.happened(subject=subject)
        await receiver.until(1)
        assert (await webhooks.client.delete(hook.path)).status_code == 204
        freed.set()
        await webhooks.happened("link.created")
        await other.settled()
    assert len(receiver.received) == 2
    async with database.reading() as connection:
        left = "select count(*) from files.webhook_deliveries"
        assert (await connection.exec_driver_sql(left)).scalar_one() == 1


async def test_deliveries_are_forgotten_a_month_after_they_ended(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    clock = MovingClock()
    hook = await webhooks.hook(receiving)
    async with webhooks.posting(clock=clock):
        await webhooks.happened()
        await hook.settled()
    receiver.statuses(500)
    clock.forward(days=29.9)
    async with webhooks.posting(backoff=Backoff(pauses=(timedelta(hours=1),)), clock=clock):
        await webhooks.happened()
        await hook.until(lambda _, log: len(log) == 2 and bool(log[1]["attempts"]))
    clock.forward(days=0.2)
    async with webhooks.posting(backoff=Backoff(pauses=(timedelta(hours=1),)), clock=clock):
        (left,) = await hook.until(lambda _, log: len(log) == 1)
    assert (left["event_id"], left["state"]) == ("2", "pending")


async def test_a_secret_that_cannot_be_read_any_more_is_said_so_and_a_new_one_helps(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, database: Database
) -> None:
    hook = await webhooks.hook(receiving)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.webhooks set secret = decode(repeat('00', 60), 'hex')")
    async with webhooks.posting():
        await webhooks.happened()
        log = await hook.until(lambda _, log: bool(log and log[0]["attempts"]))
        assert log[0]["attempts"][0]["error"] == "secret-unreadable"
        assert receiver.received == []
        secret = (await webhooks.client.post(f"{hook.path}/secret")).json()["secret"]
        (message,) = await receiver.until(1)
        await hook.settled()
    assert len(message.headers["webhook-signature"].split()) == 1
    message.verified(secret)


def test_pauses_grow_for_three_days() -> None:
    now = datetime.now(UTC)
    due, count = now, 0
    while due - now < timedelta(days=3):
        count += 1
        due += Backoff().pause(count)
    assert 8 <= count <= 12
    assert Backoff().pause(1) < timedelta(seconds=7)
    assert Backoff().rest(1) == timedelta()
    assert Backoff().rest(1000) == timedelta(minutes=4)


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (None, 0),
        ("0", 0),
        ("90", 90),
        ("99999999999999999999", 3600),
        ("-5", 0),
        ("soon", 0),
        ("1.5", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Mon, 01 Jan 2040 00:00:00 GMT", 3600),
        ("Fri, 01 Jan 2027 00:01:00 GMT", 60),
    ],
)
def test_what_a_receiver_wishes_is_bounded(sent: str | None, seconds: int) -> None:
    assert wished(sent, datetime(2027, 1, 1, tzinfo=UTC)) == timedelta(seconds=seconds)
