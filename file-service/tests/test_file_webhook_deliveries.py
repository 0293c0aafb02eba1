"""What happens is told to those who asked for it: signed, once where nothing breaks, and until it has arrived."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from moving_clock import MovingClock
from plain_settings import plain
from standardwebhooks import WebhookVerificationError
from starlette.responses import RedirectResponse, Response
from webhook_receiver import Message, Receiver
from webhook_rig import SHORT, WebhookRig

from file_service.posting import Patience
from file_service.settings import FileSettings, WorkerSettings
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.work import working


@pytest.fixture
def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"webhook_private_addresses": True})


async def test_what_happens_arrives_as_the_log_has_it_with_a_signature_that_others_check(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(f"{receiving}/in?key=1")
    async with webhooks.posting():
        subject = await webhooks.happened("file.created", path="b/ü.txt", size=3)
        (message,) = await receiver.until(1)
        (delivery,) = await hook.settled()
    event = message.verified(hook.secret)
    assert event == {
        "id": "1",
        "type": "file.created",
        "time": event["time"],
        "data": {"id": str(subject), "size": 3},
    }
    assert datetime.now(UTC) - datetime.fromisoformat(event["time"]) < timedelta(minutes=1)
    assert event["time"].endswith("Z")
    assert message.headers["user-agent"] == "Strongroom/0.1"
    assert message.headers["content-type"] == "application/json"
    assert message.headers["host"] in receiving
    assert delivery["message_id"] == message.id
    assert (delivery["event_id"], delivery["event_type"], delivery["state"]) == ("1", "file.created", "delivered")
    (attempt,) = delivery["attempts"]
    assert (attempt["status"], attempt["error"]) == (204, None)


async def test_a_real_upload_is_told(webhooks: WebhookRig, receiver: Receiver, receiving: str) -> None:
    await webhooks.hook(receiving, types=["file.*"])
    async with webhooks.posting():
        uploaded = (await webhooks.client.upload(b"words", path="letters/a.txt")).json()
        (message,) = await receiver.until(1)
    assert message.event["type"] == "file.created"
    assert message.data["id"] == uploaded["id"]
    assert message.data["path"] == "letters/a.txt"


async def test_a_wrong_secret_and_changed_bytes_are_noticed(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook, other = await webhooks.hook(receiving), await webhooks.hook(f"{receiving}/other", types=["link.*"])
    async with webhooks.posting():
        await webhooks.happened()
        (message,) = await receiver.until(1)
    with pytest.raises(WebhookVerificationError):
        message.verified(other.secret)
    with pytest.raises(WebhookVerificationError):
        Message(message.headers, message.body.replace(b"a", b"b")).verified(hook.secret)


async def test_only_what_is_asked_for_is_sent(webhooks: WebhookRig, receiver: Receiver, receiving: str) -> None:
    await webhooks.hook(receiving, types=["file.trashed", "link.*"], prefix="reports/")
    async with webhooks.posting():
        await webhooks.happened("file.created", path="reports/a.txt")
        await webhooks.happened("file.trashed", path="elsewhere/a.txt")
        await webhooks.happened("quota.updated", path=None)
        await webhooks.happened("file.trashed", path="reports/a.txt")
        await webhooks.happened("link.created", path="reports/b.txt")
        received = await receiver.until(2)
    assert sorted(message.event["id"] for message in received) == ["4", "5"]


async def test_a_new_webhook_is_told_nothing_of_before(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    await webhooks.happened()
    await webhooks.hook(receiving)
    await webhooks.happened()
    async with webhooks.posting():
        (message,) = await receiver.until(1)
    assert message.event["id"] == "2"


async def test_what_happens_while_nobody_sends_is_sent_later_however_much_it_is(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("file_service.webhooks.dispatching._PAGE", 8)
    hook = await webhooks.hook(receiving)
    subject = uuid4()
    for _ in range(20):
        await webhooks.happened(subject=subject)
    async with webhooks.posting():
        received = await receiver.until(20)
        log = await hook.settled(20)
    assert [message.event["id"] for message in received] == [str(number) for number in range(1, 21)]
    assert [one["event_id"] for one in log] == [str(number) for number in range(1, 21)]


async def test_who_fails_and_recovers_gets_the_same_message_by_the_same_id(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    receiver.statuses(500, 404, 200)
    async with webhooks.posting():
        await webhooks.happened()
        received = await receiver.until(3)
        (delivery,) = await hook.settled()
    assert len({message.id for message in received}) == 1
    assert len({message.body for message in received}) == 1
    for message in received:
        message.verified(hook.secret)
    assert delivery["state"] == "delivered"
    assert [(one["status"], one["error"]) for one in delivery["attempts"]] == [
        (500, "refused"),
        (404, "refused"),
        (200, None),
    ]
    assert (await hook.shown())["failing_since"] is None


async def test_who_fails_for_three_days_is_given_up_and_the_next_about_the_same_goes_on(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    clock = MovingClock()
    hook = await webhooks.hook(receiving)

    async def refuse_the_first(message: Message) -> Response:
        clock.forward(days=1)
        return Response(status_code=503 if message.event["id"] == "1" else 200)

    receiver.answer = refuse_the_first
    async with webhooks.posting(clock=clock):
        subject = await webhooks.happened()
        await webhooks.happened("file.updated", subject=subject)
        first, second = await hook.settled(2)
    assert (first["state"], first["reason"], len(first["attempts"])) == ("failed", "refused", 3)
    assert (second["state"], len(second["attempts"])) == ("delivered", 1)


async def test_a_receiver_that_asks_for_time_is_left_alone_for_all_files(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    clock = MovingClock()
    hook = await webhooks.hook(receiving)
    receiver.statuses(429, 200, **{"Retry-After": "1800"})
    async with webhooks.posting(clock=clock):
        await webhooks.happened()
        await receiver.until(1)
        await hook.until(lambda shown, _: shown["failing_since"] is not None)
        await webhooks.happened()
        await hook.until(lambda _, log: len(log) == 2)
        clock.forward(minutes=29)
        assert [one["state"] for one in await hook.log()] == ["pending", "pending"]
        assert len(receiver.received) == 1
        clock.forward(minutes=1.1)
        await hook.settled(2)
    assert len(receiver.received) == 3


async def test_another_url_begins_anew(webhooks: WebhookRig, receiver: Receiver, receiving: str) -> None:
    hook = await webhooks.hook(f"{receiving}/old")
    receiver.statuses(503, 200, **{"Retry-After": "1800"})
    async with webhooks.posting():
        await webhooks.happened()
        await hook.until(lambda shown, _: shown["failing_since"] is not None)
        assert (await hook.change(url=f"{receiving}/new"))["failing_since"] is None
        await webhooks.happened()
        await hook.until(lambda _, log: [one["state"] for one in log] == ["pending", "delivered"])


@pytest.mark.parametrize(("work", "derived", "posted"), [("webhooks", 0, 1), ("insides", 1, 0), ("all", 1, 1)])
async def test_reading_files_and_posting_can_be_left_to_different_workers(
    webhooks: WebhookRig,
    store: MinioObjectStore,
    receiving: str,
    receiver: Receiver,
    work: str,
    derived: int,
    posted: int,
) -> None:
    settings = WorkerSettings.model_validate(plain(webhooks.settings) | {"work": work})
    hook = await webhooks.hook(receiving, types=["file.created"])
    async with working(settings, webhooks.database, store, background=False):
        file = (await webhooks.client.upload(b"Some words", "a.txt")).json()
        if posted:
            await hook.settled()
        if derived:
            await webhooks.client.derived(file["id"])
        states = {one["state"] for one in (await webhooks.client.get(f"/files/{file['id']}")).json()["derived"]}
        assert states == ({"done"} if derived else {"waiting"})
    assert len(receiver.received) == posted


async def test_a_receiver_that_hangs_fails_in_time_and_holds_up_nobody_else(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hanging = await webhooks.hook(f"{receiving}/hanging")
    fine = await webhooks.hook(f"{receiving}/fine", types=["link.*"])
    freed = asyncio.Event()

    async def answer(message: Message) -> Response:
        if message.event["type"].startswith("file."):
            await freed.wait()
        return Response()

    receiver.answer = answer
    patience = Patience(message=0.5, due=0.02, everything=30)
    async with webhooks.posting(patience=patience):
        for _ in range(20):
            await webhooks.happened("file.created")
        await receiver.until(4)
        await webhooks.happened("link.created")
        (delivery,) = await fine.settled()
        assert delivery["state"] == "delivered"
        assert receiver.most_at_once <= 4 + 2  # of the one that hangs, and two of links
        await hanging.until(lambda _, log: any(one["attempts"] for one in log))
        freed.set()
        log = await hanging.settled(21)
    assert all(one["state"] == "delivered" for one in log)
    assert {"timeout"} == {attempt["error"] for one in log for attempt in one["attempts"] if attempt["error"]}


async def test_redirects_are_not_followed(webhooks: WebhookRig, receiver: Receiver, receiving: str) -> None:
    hook = await webhooks.hook(receiving)

    async def redirect(_: Message) -> Response:
        return RedirectResponse(f"{receiving}/internal", status_code=307)

    receiver.answer = redirect
    async with webhooks.posting():
        assert (await hook.test()).status_code == 202
        (delivery,) = await hook.settled()
    assert (delivery["state"], delivery["reason"]) == ("failed", "redirected")
    assert len(receiver.received) == 1


async def test_a_test_is_sent_once_and_beside_everything_else(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving, types=["link.created"])
    receiver.statuses(500, 200)
    async with webhooks.posting():
        accepted = (await hook.test()).json()
        (failed,) = await hook.settled()
        assert (await hook.shown())["failing_since"] is None
        await hook.test()
        log = await hook.settled(2)
    assert accepted["event_type"] == "webhook.test"
    assert accepted["id"] == failed["id"]
    assert [(one["state"], len(one["attempts"])) for one in log] == [("failed", 1), ("delivered", 1)]
    event = receiver.received[1].verified(hook.secret)
    assert (event["id"], event["type"], event["data"]) == ("0", "webhook.test", {})


async def test_what_arrived_or_was_given_up_is_sent_again_on_demand_by_the_same_id(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    async with webhooks.posting():
        await webhooks.happened()
        (delivery,) = await hook.settled()
        assert (await hook.redeliver(delivery["id"])).status_code == 202
        first, second = await receiver.until(2)
        (again,) = await hook.settled()
    assert first.id == second.id
    assert first.body == second.body
    assert (again["state"], len(again["attempts"])) == ("delivered", 2)


async def test_a_new_secret_and_the_one_before_are_both_good_for_a_day(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    answer = (await webhooks.client.post(f"{hook.path}/secret")).json()
    assert answer["id"] == hook.id
    assert answer["secret"] != hook.secret
    async with webhooks.posting(patience=SHORT):
        await webhooks.happened()
        (message,) = await receiver.until(1)
        await hook.settled()
    assert message.verified(answer["secret"]) == message.verified(hook.secret)
    assert len(message.headers["webhook-signature"].split()) == 2
    clock = MovingClock()
    clock.forward(hours=24.1)
    async with webhooks.posting(clock=clock):
        await webhooks.happened()
        message = (await receiver.until(2))[1]
        await hook.settled(2)
    assert len(message.headers["webhook-signature"].split()) == 1
