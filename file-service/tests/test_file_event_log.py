"""Every change is an event in its owner's log, in the same transaction, in order."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from event_client import heard
from file_client import FileClient
from moving_clock import MovingClock

from file_service.catalogue import EVENTS
from file_service.events import repository
from file_service.events.pruning import Pruning
from file_service.events.told import Told
from strongroom.database import Database

Heard = dict[str, Any]


async def made(client: FileClient, path: str, content: bytes = b"x") -> Heard:
    answer = await client.upload(content, path=path)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def kinds(events: list[Heard]) -> list[str]:
    return [event["type"] for event in events]


async def test_what_happens_to_a_file_is_told_in_order(ada: FileClient) -> None:
    file = await made(ada, "a.txt")
    where = f"/files/{file['id']}"
    await ada.put("a.txt", b"second")
    await ada.patch(where, tags=["blue"], metadata={"page": 1.5})
    await ada.patch(where, path="b/c.txt")
    await ada.patch(where)  # which changes nothing
    await ada.post(f"{where}/restore", {"version": 1})
    await ada.delete(where)
    await ada.post(f"{where}/restore")
    as_it_is = (await ada.get(where)).json()
    await ada.delete(where, permanent=True)
    events = await heard(ada, 8, type="file.*")
    told = ["created", "updated", "updated", "updated", "updated", "trashed", "restored", "deleted"]
    assert kinds(events) == [f"file.{one}" for one in told]
    assert [event["data"]["version"] for event in events] == [1, 2, 2, 2, 3, 3, 3, 3]
    del as_it_is["derived"]
    assert events[-1]["data"] == events[-2]["data"] == as_it_is


async def test_the_numbers_have_no_gap_whoever_writes_at_once(ada: FileClient) -> None:
    await asyncio.gather(*(made(ada, f"{number}.bin", b"") for number in range(20)))
    assert [event["id"] for event in await heard(ada, 20)] == [str(number) for number in range(1, 21)]


async def test_what_is_refused_is_not_told(ada: FileClient) -> None:
    await made(ada, "a.bin", b"")
    assert (await ada.put("a.bin", b"", If_None_Match="*")).status_code == 412
    assert (await ada.delete(f"/files/{uuid4()}")).status_code == 404
    await made(ada, "b.bin", b"")
    assert [event["data"]["path"] for event in await heard(ada, 2)] == ["a.bin", "b.bin"]


async def test_whole_folders_are_told_file_by_file(ada: FileClient) -> None:
    for path in ("in/b.bin", "in/a.bin", "out.bin"):
        await made(ada, path, b"")
    await ada.post("/files/folders/move", {"source": "in", "destination": "other/place"})
    await ada.delete("/files/folders/other")
    await ada.delete("/files/trash")
    events = await heard(ada, 6, after=3)
    assert kinds(events) == ["file.updated"] * 2 + ["file.trashed"] * 2 + ["file.deleted"] * 2
    assert [event["data"]["path"] for event in events] == ["other/place/a.bin", "other/place/b.bin"] * 3


async def test_who_watches_a_folder_hears_of_what_leaves_it(ada: FileClient) -> None:
    file = await made(ada, "in/a.bin", b"")
    await made(ada, "in/b.bin", b"")
    await ada.patch(f"/files/{file['id']}", path="elsewhere.bin")
    await ada.post("/files/folders/move", {"source": "in", "destination": "out"})
    await made(ada, "elsewhere2.bin", b"")
    await made(ada, "in/c.bin", b"")
    found = [event["data"]["path"] for event in await heard(ada, 5, prefix="in/")]
    assert found == ["in/a.bin", "in/b.bin", "elsewhere.bin", "out/b.bin", "in/c.bin"]


async def test_links_and_shares_are_told(ada: FileClient) -> None:
    file = await made(ada, "docs/a.bin", b"")
    link = (await ada.post(f"/files/{file['id']}/links", {"password": "correct horse", "max_downloads": 3})).json()
    folder = (await ada.post("/files/links", {"folder": "docs", "expires_at": "2999-01-01T00:00:00Z"})).json()
    await ada.delete(f"/files/links/{link['id']}")
    shares, other = f"/files/{file['id']}/shares", str(uuid4())
    share = (await ada.post(shares, {"account_id": other, "permission": "read"})).json()
    for _ in range(2):  # the second changes nothing
        await ada.post(shares, {"account_id": other, "permission": "write"})
    await ada.delete(f"{shares}/{share['id']}")
    events = await heard(ada, 6, after=1)
    assert kinds(events) == [
        *["link.created", "link.created", "link.deleted"],
        *["share.created", "share.updated", "share.deleted"],
    ]
    url = link.pop("url"), folder.pop("url")
    assert not any(one.rpartition("/")[2] in str(events) for one in url)
    assert [event["data"]["id"] for event in events[:3]] == [link["id"], folder["id"], link["id"]]
    assert events[0]["data"].items() >= {"has_password": True, "max_downloads": 3, "file_id": file["id"]}.items()
    assert [event["data"]["permission"] for event in events[3:]] == ["read", "write", "write"]
    assert len(await heard(ada, 7, prefix="docs/")) == 7


async def test_a_share_that_the_other_side_gives_back_is_told_to_the_owner(
    ada: FileClient, client_of: Callable[..., FileClient]
) -> None:
    bob = client_of()
    file = await made(ada, "a.bin", b"")
    shares = f"/files/{file['id']}/shares"
    share = (await ada.post(shares, {"account_id": bob.account, "permission": "write"})).json()
    await bob.put(file["id"], b"bob's", prefix="/files/content/")
    assert (await bob.delete(f"{shares}/{share['id']}")).status_code == 204
    events = await heard(ada, 4)
    assert kinds(events) == ["file.created", "share.created", "file.updated", "share.deleted"]


async def test_quotas_are_told(ada: FileClient, client_of: Callable[..., FileClient]) -> None:
    admin = client_of(scope="admin")
    url = f"{admin.origin}/files/usage/{ada.account}"
    answer = await admin.http.put(url, json={"quota": 1234}, headers=admin.headers)
    (event,) = await heard(ada, 1)
    assert (event["type"], event["data"]) == ("quota.updated", answer.json())


@pytest.mark.usefixtures("worker")
async def test_what_parsers_make_of_files_is_told(ada: FileClient) -> None:
    text = await made(ada, "a.txt", b"Some words")
    broken = (await ada.upload(b"%PDF-1.7 nothing more", "b.pdf", "application/pdf")).json()
    done, failed = await heard(ada, 1, type="derivation.done"), await heard(ada, 1, type="derivation.failed")
    assert done[0]["data"].items() >= {"file_id": text["id"], "path": "a.txt", "state": "done"}.items()
    assert failed[0]["data"].items() >= {"file_id": broken["id"], "reason": "broken"}.items()
    derived = (await ada.get(f"/files/{broken['id']}")).json()["derived"]
    assert [one["state"] for one in derived] == ["failed"]


async def test_webhooks_that_are_disabled_are_told(ada: FileClient) -> None:
    wanted = {"url": "https://hooks.example.com/secret", "description": "ours"}
    hook = (await ada.post("/files/webhooks", wanted)).json()
    shown = (await ada.patch(f"/files/webhooks/{hook['id']}", enabled=False)).json()
    (event,) = await heard(ada, 1)
    told = {"id": hook["id"], "description": "ours", "reason": "by-owner", "disabled_at": shown["disabled_at"]}
    assert (event["type"], event["data"]) == ("webhook.disabled", told)


@pytest.mark.usefixtures("worker")
async def test_events_are_what_the_catalogue_says(
    ada: FileClient, client_of: Callable[..., FileClient], database: Database
) -> None:
    await test_what_happens_to_a_file_is_told_in_order(ada)
    await test_links_and_shares_are_told(links := client_of())
    await test_quotas_are_told(quotas := client_of(), client_of)
    await test_what_parsers_make_of_files_is_told(parsers := client_of())
    await test_webhooks_that_are_disabled_are_told(hooks := client_of())
    async with database.reading() as connection:
        logs = [await repository.since(connection, _id(one), 0, 100) for one in (ada, links, quotas, parsers, hooks)]
    events: list[Heard] = [json.loads(Told(event).message) for log in logs for event in log]
    assert {event["type"] for event in events} == set(EVENTS)
    for event in events:
        assert set(event) == {"id", "type", "time", "data"}
        told = EVENTS[event["type"]].model_validate(event["data"])
        assert told.model_dump(mode="json") == event["data"]


async def test_old_events_are_forgotten(ada: FileClient, database: Database) -> None:
    for number in range(3):
        await made(ada, f"{number}.bin", b"")
    clock = MovingClock()
    pruning = Pruning(database, kept=timedelta(days=7), clock=clock)
    await pruning.turn()
    assert len(await heard(ada, 3)) == 3
    clock.forward(days=7, seconds=1)
    await pruning.turn()
    async with database.reading() as connection:
        bounds = await repository.bounds(connection, _id(ada))
    assert (bounds.before, bounds.last) == (3, 3)
    await made(ada, "later.bin", b"")
    assert [event["id"] for event in await heard(ada, 1, after=3)] == ["4"]


def _id(client: FileClient) -> UUID:
    return UUID(client.account)
