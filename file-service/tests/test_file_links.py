"""Share links: who may make them, what they open, and that a dead one tells nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from file_client import FileClient
from link_visitor import LinkVisitor, linked, linked_folder
from structlog.testing import capture_logs

from file_service.settings import FileSettings
from strongroom.database import Database

Clients = Callable[..., FileClient]


async def test_a_link_gives_the_bytes_to_whoever_has_it(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, b"for you", "reports/q3.txt")
    answer = await visitor.ask(link["url"])
    assert (answer.status_code, answer.content) == (200, b"for you")
    assert answer.headers["content-disposition"] == 'attachment; filename="q3.txt"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-cache" in answer.headers["cache-control"]


async def test_the_address_is_that_of_the_house_and_ends_in_256_bits(ada: FileClient, settings: FileSettings) -> None:
    first, second = (await linked(ada))["url"], (await linked(ada))["url"]
    for url in (first, second):
        assert url.startswith(f"{settings.public_url}/s/")
        assert len(url.rpartition("/")[2]) == 43
    assert first != second


async def test_the_address_is_where_its_owner_found_the_door(ada: FileClient) -> None:
    await ada.upload(b"x", path="reports/x")
    ada.headers |= {"X-Forwarded-Host": "vault.example", "X-Forwarded-Prefix": "/vault", "X-Forwarded-Proto": "https"}
    for made in (await linked(ada), await linked_folder(ada)):
        assert made["url"].startswith("https://vault.example/vault/s/")


async def test_an_unlimited_link_answers_ranges_and_conditions(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, b"0123456789")
    part = await visitor.ask(link["url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    same = await visitor.ask(link["url"], headers={"If-None-Match": part.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert (await visitor.ask(link["url"], headers={"Range": "bytes=10-"})).status_code == 416


async def test_a_head_says_what_a_get_would(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, b"0123456789")
    head, full = await visitor.ask(link["url"], "HEAD"), await visitor.ask(link["url"])
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "content-disposition", "etag", "referrer-policy"):
        assert head.headers[name] == full.headers[name]


async def test_a_link_shows_the_file_as_it_is_then(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await linked(ada, b"one")
    await ada.upload(b"two", path="notes.txt")
    assert (await visitor.ask(link["url"])).content == b"two"


async def test_the_token_is_neither_in_the_database_nor_in_the_logs(
    ada: FileClient, visitor: LinkVisitor, database: Database
) -> None:
    with capture_logs() as events:
        link = await linked(ada, password="correct horse")
        token = urlsplit(link["url"]).path.rpartition("/")[2]
        await visitor.ask(link["url"], password="correct horse")
        await visitor.ask(link["url"], password="battery staple")
        await visitor.browse(link["url"], "POST", form={"password": "battery staple"})
        await ada.delete(f"/files/links/{link['id']}")
        await visitor.ask(link["url"])
        rows = await _rows(database)
    assert {event["path"] for event in events if event["event"] == "request"} >= {"/s/*"}
    for secret in (token, "correct horse", "battery staple"):
        assert secret not in rows
        assert secret not in str(events)


async def test_the_token_is_not_in_the_table_in_the_clear(ada: FileClient, database: Database) -> None:
    token = urlsplit((await linked(ada))["url"]).path.rpartition("/")[2]
    rows = await _rows(database)
    assert token not in rows
    assert token.encode().hex() not in rows


async def _rows(database: Database) -> str:
    async with database.reading() as connection:
        return str((await connection.exec_driver_sql("select l::text from files.links l")).scalars().all())


async def test_only_the_owner_makes_links(client_of: Clients) -> None:
    ada, eve, reader, writer = (client_of() for _ in range(4))
    file_id = (await ada.upload(b"x")).json()["id"]
    for grantee, permission in ((reader, "read"), (writer, "write")):
        wanted = {"account_id": grantee.account, "permission": permission}
        assert (await ada.post(f"/files/{file_id}/shares", wanted)).status_code == 201
    absent = await eve.post(f"/files/{uuid4()}/links", {})
    for client in (eve, reader, writer):
        theirs = await client.post(f"/files/{file_id}/links", {})
        assert theirs.status_code == absent.status_code == 404
        assert theirs.json() == absent.json()


async def test_links_need_a_token_that_may_write(client_of: Clients) -> None:
    ada, reader = client_of(), client_of(scope="files:read")
    file_id = (await ada.upload(b"x")).json()["id"]
    assert (await reader.post(f"/files/{file_id}/links", {})).status_code == 403
    assert (await reader.post("/files/links", {"folder": "a"})).status_code == 403
    assert (await reader.delete(f"/files/links/{uuid4()}")).status_code == 403
    assert (await reader.get("/files/links")).status_code == 200


async def test_nobody_sees_or_revokes_anothers_links(client_of: Clients, visitor: LinkVisitor) -> None:
    ada, eve = client_of(), client_of()
    link = await linked(ada)
    assert (await eve.get("/files/links")).json()["items"] == []
    theirs, absent = await eve.delete(f"/files/links/{link['id']}"), await eve.delete(f"/files/links/{uuid4()}")
    assert theirs.status_code == absent.status_code == 404
    assert theirs.json() == absent.json()
    assert (await visitor.ask(link["url"])).status_code == 200


async def test_links_come_in_pages_newest_first_and_never_with_the_token(ada: FileClient) -> None:
    made = [await linked(ada, path=f"{number}.txt", password="secret") for number in range(5)]
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ada.get("/files/links", limit=2, **cursor)).json()
        assert len(page["items"]) <= 2
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert [one["id"] for one in seen] == [one["id"] for one in reversed(made)]
    for shown, link in zip(seen, reversed(made), strict=True):
        assert shown == {name: value for name, value in link.items() if name != "url"}
        assert shown["has_password"]
        assert "secret" not in str(shown)
        assert "$2" not in str(shown)


@pytest.mark.parametrize("params", [{"limit": 0}, {"cursor": "made-up"}, {"cursor": "WyJ4Il0"}])
async def test_bad_page_parameters_are_refused(ada: FileClient, params: dict[str, object]) -> None:
    assert (await ada.get("/files/links", **params)).status_code == 422


def _moment(**ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


async def test_terms_that_make_no_sense_are_refused(ada: FileClient) -> None:
    file_id = (await ada.upload(b"x", path="a/x.txt")).json()["id"]
    senseless: list[dict[str, object]] = [
        {"expires_at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()},
        {"expires_at": "2999-01-01T00:00:00"},
        {"expires_at": "9999-12-31T23:59:59-23:59"},
        {"expires_at": "soon"},
        {"max_downloads": 0},
        {"max_downloads": -1},
        {"max_downloads": 2**31},
        {"max_downloads": 1.5},
        {"password": ""},
        {"password": "x" * 1025},
        {"max_download": 1},
    ]
    for terms in senseless:
        for path, wanted in ((f"/files/{file_id}/links", terms), ("/files/links", {"folder": "a", **terms})):
            answer = await ada.post(path, wanted)
            assert answer.status_code == 422
            assert answer.headers["content-type"] == "application/problem+json"
    assert (await ada.get("/files/links")).json()["items"] == []


async def test_a_link_without_terms_needs_no_body(ada: FileClient, visitor: LinkVisitor) -> None:
    file_id = (await ada.upload(b"x")).json()["id"]
    answer = await ada.http.post(f"{ada.origin}/files/{file_id}/links", headers=ada.headers)
    assert answer.status_code == 201
    assert (await visitor.ask(answer.json()["url"])).content == b"x"
