"""Share links that no longer work: revoked, expired, used up, of what is gone. They tell nothing."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from file_client import FileClient
from link_visitor import BROWSER, LinkVisitor, linked

from file_service.links.service import Links
from file_service.usage.service import Quotas
from strongroom.database import Database


async def change(database: Database, statement: str, link: Any) -> None:
    async with database.begin() as tx:
        await tx.exec_driver_sql(f"update files.links set {statement} where id = '{link['id']}'")


def is_dead(answer: httpx2.Response) -> bool:
    return answer.status_code == 404 and answer.json()["type"] == "urn:problem-type:strongroom:dead-link"


async def test_a_revoked_link_is_dead_with_the_next_request(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada)
    assert (await visitor.ask(link["url"])).status_code == 200
    assert (await ada.delete(f"/files/links/{link['id']}")).status_code == 204
    assert is_dead(await visitor.ask(link["url"]))
    assert (await ada.delete(f"/files/links/{link['id']}")).status_code == 404


@pytest.mark.parametrize("headers", [{}, BROWSER])
@pytest.mark.parametrize("password", [None, "right"])
async def test_every_dead_link_answers_like_one_that_never_was(
    ada: FileClient, visitor: LinkVisitor, database: Database, headers: dict[str, str], password: str | None
) -> None:
    terms: dict[str, Any] = {"password": password} if password else {}
    revoked, expired, used, trashed, removed = [
        await linked(ada, path=f"{number}.txt", max_downloads=1, **terms) for number in range(5)
    ]
    await ada.delete(f"/files/links/{revoked['id']}")
    await change(database, "expires_at = now() - interval '1 second'", expired)
    await change(database, "downloads = max_downloads", used)
    await ada.delete(f"/files/{trashed['file_id']}")
    await ada.delete(f"/files/{removed['file_id']}", permanent=True)
    for query in ("", "?download=1"):
        for method in ("GET", "HEAD"):
            never = await visitor.ask(f"https://x/s/{'A' * 43}", method, query=query, headers=headers)
            assert never.status_code == 404
            for link in (revoked, expired, used, trashed, removed):
                # Neither a right password nor a wrong one makes a difference.
                for given in (None, "right", "wrong"):
                    answer = await visitor.ask(link["url"], method, query=query, headers=headers, password=given)
                    assert answer.content == never.content
                    assert answer.status_code == 404
                    assert _told(answer) == _told(never)


def _told(answer: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"date", "x-request-id"}}


async def test_a_file_that_comes_back_from_the_trash_can_be_had_again(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada)
    await ada.delete(f"/files/{link['file_id']}")
    assert is_dead(await visitor.ask(link["url"]))
    await ada.post(f"/files/{link['file_id']}/restore")
    assert (await visitor.ask(link["url"])).status_code == 200


async def test_what_is_no_token_is_a_dead_link(origin: str, http: httpx2.AsyncClient) -> None:
    for token in ("", "x", "%00", "%0A", "%C3%A9", "..%2F..", "a" * 10_000, "%FF%FE", "%ED%A0%80", "😀"):
        assert (await http.get(f"{origin}/s/{token}")).status_code == 404


async def test_other_methods_are_not_allowed(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada)
    for method in ("PUT", "PATCH", "DELETE", "PROPFIND"):
        assert (await visitor.ask(link["url"], method)).status_code == 405


async def test_a_link_works_until_it_expires(ada: FileClient, visitor: LinkVisitor, database: Database) -> None:
    link = await linked(ada, expires_at="2999-01-01T02:00:00+02:00")
    assert datetime.fromisoformat(link["expires_at"]) == datetime(2999, 1, 1, tzinfo=UTC)
    assert (await visitor.ask(link["url"])).status_code == 200
    await change(database, "expires_at = now()", link)
    assert is_dead(await visitor.ask(link["url"]))


async def test_expired_links_are_pruned_a_while_after(ada: FileClient, database: Database, origin: str) -> None:
    lasting, fresh, old = [await linked(ada, path=f"{number}.txt") for number in range(3)]
    await change(database, "expires_at = now() - interval '6 days'", fresh)
    await change(database, "expires_at = now() - interval '8 days'", old)
    await Links(database, Quotas(database, default=0), None).prune()  # type: ignore[arg-type]
    assert [one["id"] for one in (await ada.get("/files/links")).json()["items"]] == [fresh["id"], lasting["id"]]
