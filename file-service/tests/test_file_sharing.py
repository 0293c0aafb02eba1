"""Files shared with other accounts: what each side may, and that nobody else learns of it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from file_client import FileClient

from file_service.usage import repository as owners
from strongroom.database import Database, Transaction

Clients = Callable[..., FileClient]


async def uploaded(client: FileClient, content: bytes = b"shared", path: str = "plans/a.txt") -> str:
    return str((await client.upload(content, path=path)).json()["id"])


async def give(owner: FileClient, file_id: str, grantee: FileClient, permission: str = "read") -> httpx2.Response:
    return await owner.post(f"/files/{file_id}/shares", {"account_id": grantee.account, "permission": permission})


async def given(owner: FileClient, file_id: str, grantee: FileClient, permission: str = "read") -> Any:
    answer = await give(owner, file_id, grantee, permission)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def shared_ids(client: FileClient) -> list[str]:
    return [item["id"] for item in (await client.get("/files/shared")).json()["items"]]


async def test_who_was_given_a_file_reads_it_and_no_more(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    await given(ada, file_id, bob)
    assert (await bob.get(f"/files/{file_id}")).status_code == 200
    assert (await bob.download(file_id)).content == b"shared"
    assert (await bob.get(f"/files/{file_id}/versions")).status_code == 200
    assert (await bob.put(file_id, b"changed", "/files/content/")).status_code == 404
    assert (await bob.patch(f"/files/{file_id}", filename="mine.txt")).status_code == 404
    assert (await bob.delete(f"/files/{file_id}")).status_code == 404
    assert (await bob.get("/files")).json()["items"] == []


async def test_who_may_write_puts_new_versions_at_the_owners_expense(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada, b"1234")
    await given(ada, file_id, bob, "write")
    answer = await bob.put(file_id, b"56789", "/files/content/")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert (await ada.download(file_id)).content == b"56789"
    assert (await ada.usage(), await bob.usage()) == ((9, 1), (0, 0))
    assert (await bob.delete(f"/files/{file_id}")).status_code == 404


async def test_a_share_that_is_taken_back_ends_at_once(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    share = await given(ada, file_id, bob, "write")
    assert (await ada.delete(f"/files/{file_id}/shares/{share['id']}")).status_code == 204
    assert (await bob.get(f"/files/{file_id}")).status_code == 404
    assert (await bob.download(file_id)).status_code == 404
    assert (await bob.put(file_id, b"x", "/files/content/")).status_code == 404
    assert await shared_ids(bob) == []
    assert (await ada.delete(f"/files/{file_id}/shares/{share['id']}")).status_code == 404


async def test_who_was_given_a_file_can_give_it_back(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    await given(ada, file_id, bob)
    (item,) = (await bob.get("/files/shared")).json()["items"]
    assert (await bob.delete(f"/files/{file_id}/shares/{item['share_id']}")).status_code == 204
    assert (await bob.get(f"/files/{file_id}")).status_code == 404
    assert (await ada.get(f"/files/{file_id}/shares")).json()["items"] == []


async def test_nobody_else_takes_a_share_back(client_of: Clients) -> None:
    ada, bob, eve = client_of(), client_of(), client_of()
    file_id = await uploaded(ada)
    others = await uploaded(ada, path="other.txt")
    to_bob, to_eve = await given(ada, file_id, bob), await given(ada, file_id, eve)
    for client, path in (
        (eve, f"/files/{file_id}/shares/{to_bob['id']}"),
        (bob, f"/files/{file_id}/shares/{to_eve['id']}"),
        (ada, f"/files/{others}/shares/{to_bob['id']}"),
        (bob, f"/files/{others}/shares/{to_bob['id']}"),
    ):
        theirs, absent = await client.delete(path), await client.delete(f"/files/{file_id}/shares/{uuid4()}")
        assert theirs.status_code == absent.status_code == 404
        assert theirs.json() == absent.json()
    assert await shared_ids(bob) == await shared_ids(eve) == [file_id]


async def test_only_the_owner_shares_a_file_and_sees_with_whom(client_of: Clients) -> None:
    ada, reader, writer, eve = (client_of() for _ in range(4))
    file_id = await uploaded(ada)
    await given(ada, file_id, reader)
    await given(ada, file_id, writer, "write")
    absent = await give(eve, str(uuid4()), eve)
    for client in (reader, writer, eve):
        for answer in (await give(client, file_id, eve), await client.get(f"/files/{file_id}/shares")):
            assert answer.status_code == absent.status_code == 404
            assert answer.json() == absent.json()
    assert await shared_ids(eve) == []


async def test_sharing_again_changes_the_permission(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    first = await given(ada, file_id, bob)
    again = await give(ada, file_id, bob, "write")
    assert (again.status_code, again.json()) == (200, first | {"permission": "write"})
    assert (await bob.put(file_id, b"x", "/files/content/")).status_code == 200
    assert (await give(ada, file_id, bob, "read")).status_code == 200
    assert (await bob.put(file_id, b"y", "/files/content/")).status_code == 404
    assert len((await ada.get(f"/files/{file_id}/shares")).json()["items"]) == 1


async def test_sharing_twice_at_once_is_one_share(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    answers = await asyncio.gather(*(give(ada, file_id, bob) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_file_is_not_shared_with_its_owner(ada: FileClient) -> None:
    answer = await give(ada, await uploaded(ada), ada)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:shared-with-owner")


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"account_id": str(uuid4())},
        {"account_id": "someone", "permission": "read"},
        {"account_id": str(uuid4()), "permission": "own"},
    ],
)
async def test_what_is_no_share_is_refused(ada: FileClient, wanted: dict[str, str]) -> None:
    assert (await ada.post(f"/files/{await uploaded(ada)}/shares", wanted)).status_code == 422


async def test_shared_with_me_is_the_file_and_who_shared_it_how(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    share = await given(ada, file_id, bob, "write")
    page = (await bob.get("/files/shared")).json()
    (file,) = (await ada.get("/files")).json()["items"]
    assert page == {
        "items": [
            file
            | {
                "owner_id": ada.account,
                "permission": "write",
                "shared_at": share["created_at"],
                "share_id": share["id"],
            }
        ],
        "next_cursor": None,
    }
    assert (await ada.get("/files/shared")).json()["items"] == []


@pytest.mark.parametrize("what", ["shared with me", "shares of a file"])
async def test_both_lists_come_in_pages_newest_first(client_of: Clients, what: str) -> None:
    ada, bob = client_of(), client_of()
    if what == "shared with me":
        expected = [await uploaded(ada, path=f"{number}.txt") for number in range(5)]
        for file_id in expected:
            await given(ada, file_id, bob)
        reader, path = bob, "/files/shared"
    else:
        file_id = await uploaded(ada)
        expected = [(await given(ada, file_id, client_of()))["id"] for _ in range(5)]
        reader, path = ada, f"/files/{file_id}/shares"
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await reader.get(path, limit=2, **cursor)).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == expected[::-1]


async def test_a_trashed_file_is_shared_again_when_it_comes_back(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    await given(ada, file_id, bob, "write")
    await ada.delete(f"/files/{file_id}")
    assert await shared_ids(bob) == []
    assert (await bob.get(f"/files/{file_id}")).status_code == 404
    assert (await bob.put(file_id, b"x", "/files/content/")).status_code == 404
    assert (await give(ada, file_id, bob)).status_code == 404
    assert (await ada.get(f"/files/{file_id}/shares")).status_code == 404
    await ada.post(f"/files/{file_id}/restore")
    assert await shared_ids(bob) == [file_id]
    assert (await bob.download(file_id)).content == b"shared"


async def test_a_share_can_be_taken_back_while_the_file_is_in_the_trash(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    share = await given(ada, file_id, bob)
    await ada.delete(f"/files/{file_id}")
    assert (await ada.delete(f"/files/{file_id}/shares/{share['id']}")).status_code == 204
    await ada.post(f"/files/{file_id}/restore")
    assert await shared_ids(bob) == []


async def test_a_file_removed_for_good_takes_its_shares_and_links_along(client_of: Clients) -> None:
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    await given(ada, file_id, bob)
    await ada.post(f"/files/{file_id}/links", {})
    assert (await ada.delete(f"/files/{file_id}", permanent=True)).status_code == 204
    assert await shared_ids(bob) == []
    assert (await ada.get("/files/links")).json()["items"] == []


async def test_what_points_at_a_file_waits_for_its_removal_and_finds_it_gone(
    client_of: Clients, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "_PATIENCE", "1min")  # a machine that does much else is no reason to be refused
    ada, bob = client_of(), client_of()
    file_id = await uploaded(ada)
    async with database.begin() as tx:
        await owners.lock(tx, UUID(ada.account))
        await tx.exec_driver_sql(f"delete from files.files where id = '{file_id}'")
        pointing = asyncio.gather(give(ada, file_id, bob), ada.post(f"/files/{file_id}/links", {}))
        async with asyncio.timeout(20):
            while await _waiting(tx) < 2:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
    assert [answer.status_code for answer in await pointing] == [404, 404]


async def _waiting(tx: Transaction) -> int:
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    await tx.exec_driver_sql("select pg_stat_clear_snapshot()")  # or a transaction sees what it saw first
    return int((await tx.exec_driver_sql(waiting)).scalar_one())


async def test_sharing_needs_a_token_that_may_write(client_of: Clients) -> None:
    ada = client_of()
    reading = client_of(scope="files:read", subject=ada.account)
    file_id = await uploaded(ada)
    assert (await give(reading, file_id, client_of())).status_code == 403
    assert (await reading.delete(f"/files/{file_id}/shares/{uuid4()}")).status_code == 403
    assert (await reading.get(f"/files/{file_id}/shares")).status_code == 200
