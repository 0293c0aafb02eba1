"""Addresses that give a file to whoever can send no token: for what they were made for, and while that may be read."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx2
import pytest
from file_client import FileClient
from hypothesis import given
from hypothesis import strategies as st
from link_visitor import BROWSER, LinkVisitor
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from file_service.addresses.grants import Grant, Seal
from file_service.app import create_app
from file_service.keys import derived_key
from file_service.settings import FileSettings
from strongroom.revoked import LONGEST_GRANT
from strongroom.testing import TestIssuer

Clients = Callable[..., FileClient]
PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def issuer() -> TestIssuer:
    """Of its own for each test: what is revoked in one must not be in another."""
    return TestIssuer()


@pytest.fixture
def seal(settings: FileSettings) -> Seal:
    """The service's own."""
    return Seal(derived_key(settings.s3_secret_key.get_secret_value(), "download-addresses"))


async def stored(client: FileClient, content: bytes = b"0123456789", path: str = "notes.txt") -> str:
    return str((await client.upload(content, path, path=path)).json()["id"])


async def address(client: FileClient, file_id: str, **terms: Any) -> str:
    answer = await client.post(f"/files/{file_id}/download-url", terms)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["url"])


def sealed(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def is_dead(answer: httpx2.Response) -> bool:
    return answer.status_code == 404 and answer.json()["type"] == "urn:problem-type:strongroom:dead-link"


async def dies(visitor: LinkVisitor, url: str) -> None:
    """As it happens, and not by the next poll, after ten seconds."""
    async with asyncio.timeout(8):
        while (answer := await visitor.ask(url)).status_code == 200:
            pass
    assert is_dead(answer)


async def test_nobody_else_gets_an_address(client_of: Clients, ada: FileClient) -> None:
    file_id = await stored(ada)
    theirs = await client_of().post(f"/files/{file_id}/download-url", {})
    absent = await client_of().post(f"/files/{uuid4()}/download-url", {})
    assert theirs.status_code == absent.status_code == 404
    assert theirs.json() == absent.json()
    assert (await client_of(scope="files:write").post(f"/files/{file_id}/download-url", {})).status_code == 403
    assert (await ada.http.post(f"{ada.origin}/files/{file_id}/download-url", json={})).status_code == 401


@pytest.mark.parametrize(
    "terms",
    [
        {"expires_in": 0},
        {"expires_in": LONGEST_GRANT + 1},
        {"expires_in": 1.5},
        {"version": 0},
        {"version": 2**31},
        {"disposition": "sideways"},
        {"disposition": "in\0line"},
        {"expires": 5},
        [],
    ],
)
async def test_other_terms_are_refused(ada: FileClient, terms: Any) -> None:
    assert (await ada.post(f"/files/{uuid4()}/download-url", terms)).status_code == 422


async def test_a_version_that_is_not_there_has_no_address(ada: FileClient) -> None:
    answer = await ada.post(f"/files/{await stored(ada)}/download-url", {"version": 2})
    assert answer.json()["type"] == "urn:problem-type:strongroom:version-not-found"


async def test_an_ended_session_takes_its_addresses_with_it_and_no_others(
    client_of: Clients, visitor: LinkVisitor, issuer: TestIssuer
) -> None:
    account = str(uuid4())
    here, there = client_of(subject=account, sid="s1"), client_of(subject=account, sid="s2")
    file_id = await stored(here)
    ended, going_on = await address(here, file_id), await address(there, file_id)
    issuer.revoke(session="s1")
    await dies(visitor, ended)
    assert (await visitor.ask(going_on)).content == b"0123456789"


@pytest.mark.parametrize("revoked", ["subject", "token"])
async def test_so_do_a_disabled_account_and_a_revoked_token(
    client_of: Clients, visitor: LinkVisitor, issuer: TestIssuer, revoked: str
) -> None:
    ada = client_of(jti="t1")
    url = await address(ada, await stored(ada))
    ends: dict[str, Any] = {"subject": ada.account, "token": "t1"}
    issuer.revoke(**{revoked: ends[revoked]})
    await dies(visitor, url)


async def test_a_service_that_has_just_started_knows_what_was_revoked(
    ada: FileClient, settings: FileSettings, issuer: TestIssuer, serve: Callable[[ASGIApp], Awaitable[str]]
) -> None:
    url = await address(ada, await stored(ada))
    issuer.revoke(subject=ada.account)
    newcomer = LinkVisitor(ada.http, await serve(create_app(settings)))
    assert is_dead(await newcomer.ask(url))


async def test_an_address_may_outlive_the_token_that_asked_for_it(client_of: Clients, seal: Seal) -> None:
    ada = client_of(exp=int(time.time()) + 60)
    grant = seal.open(sealed(await address(ada, await stored(ada), expires_in=LONGEST_GRANT)))
    assert grant is not None
    assert grant.expires_at >= int(time.time()) + LONGEST_GRANT - 60


async def test_what_is_gone_from_the_tree_is_gone_from_its_address(ada: FileClient, visitor: LinkVisitor) -> None:
    for permanent in (False, True):
        file_id = await stored(ada, path=f"{permanent}.txt")
        url = await address(ada, file_id)
        await ada.delete(f"/files/{file_id}", permanent=permanent)
        assert is_dead(await visitor.ask(url))
        assert (await visitor.ask(url, "HEAD")).status_code == 404


async def test_an_address_ends_with_the_share_that_it_came_by(client_of: Clients, visitor: LinkVisitor) -> None:
    ada, bob = client_of(), client_of()
    file_id = await stored(ada)
    shared = await ada.post(f"/files/{file_id}/shares", {"account_id": bob.account, "permission": "read"})
    url = await address(bob, file_id)
    assert (await visitor.ask(url)).status_code == 200
    assert (await ada.delete(f"/files/{file_id}/shares/{shared.json()['id']}")).status_code == 204
    assert is_dead(await visitor.ask(url))


async def test_nothing_of_an_address_can_be_changed(ada: FileClient, visitor: LinkVisitor, seal: Seal) -> None:
    good = sealed(await address(ada, await stored(ada)))
    raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
    for place in range(0, len(raw), 7):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        assert is_dead(await visitor.ask(f"https://x/s/d/{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}"))
    for other in (
        "x",
        good[:-1],
        good + "A",
        good + "=",
        good + "==",
        "%00",
        f"{good}%00",
        f"{good}%0a",
        "A" * 20_000,
        "é",
    ):
        assert is_dead(await visitor.ask(f"https://x/s/d/{other}")), other
    assert seal.open(good) is not None


async def test_it_is_good_until_the_second_that_it_says(ada: FileClient, visitor: LinkVisitor, seal: Seal) -> None:
    before = int(time.time())
    answer = (await ada.post(f"/files/{await stored(ada)}/download-url", {"expires_in": 60})).json()
    grant = seal.open(sealed(answer["url"]))
    assert grant is not None
    assert datetime.fromisoformat(answer["expires_at"]).timestamp() == grant.expires_at
    assert before + 60 <= grant.expires_at <= time.time() + 60
    for expires_at, status in ((int(time.time()), 404), (int(time.time()) + 60, 200)):
        again = seal.close(replace(grant, expires_at=expires_at))
        assert (await visitor.ask(f"https://x/s/d/{again}")).status_code == status


async def test_another_key_opens_nothing(ada: FileClient, visitor: LinkVisitor, seal: Seal) -> None:
    grant = seal.open(sealed(await address(ada, await stored(ada))))
    assert grant is not None
    assert is_dead(await visitor.ask(f"https://x/s/d/{Seal(bytes(32)).close(grant)}"))


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_is_no_address_is_none(text: str) -> None:
    assert Seal(b"key").open(text) is None


@given(st.text(), st.booleans(), st.integers(1, 2**31 - 1))
def test_what_is_sealed_opens_as_it_was(session: str, inline: bool, number: int) -> None:
    grant = Grant(UUID(int=1), number, inline, number, str(UUID(int=2)), session, None, 0.5)
    assert Seal(b"key").open(Seal(b"key").close(grant)) == grant


async def test_every_replica_knows_it(
    ada: FileClient, settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]]
) -> None:
    url = await address(ada, await stored(ada))
    other = LinkVisitor(ada.http, await serve(create_app(settings)))
    assert (await other.ask(url)).content == b"0123456789"


async def test_it_stays_the_version_that_it_was_made_for(ada: FileClient, visitor: LinkVisitor) -> None:
    file_id = await stored(ada, b"one")
    first = await address(ada, file_id)
    await ada.upload(b"two", path="notes.txt")
    assert (await visitor.ask(first)).content == b"one"
    assert (await visitor.ask(await address(ada, file_id))).content == b"two"
    assert (await visitor.ask(await address(ada, file_id, version=1))).content == b"one"


async def test_parts_conditions_and_heads_are_as_for_downloads(ada: FileClient, visitor: LinkVisitor) -> None:
    file_id = await stored(ada)
    url = await address(ada, file_id)
    whole, plain = await visitor.ask(url), await ada.download(file_id)
    for name in ("etag", "last-modified", "content-type", "content-disposition", "cache-control", "repr-digest"):
        assert whole.headers[name] == plain.headers[name]
    assert whole.headers["referrer-policy"] == "no-referrer"
    assert whole.headers["cross-origin-resource-policy"] == "cross-origin"
    head = await visitor.ask(url, "HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "10")
    part = await visitor.ask(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    parts = await visitor.ask(url, headers={"Range": "bytes=0-1,5-6"})
    assert parts.status_code == 206
    assert parts.headers["content-type"].startswith("multipart/byteranges")
    assert (await visitor.ask(url, headers={"Range": "bytes=10-"})).status_code == 416
    assert (await visitor.ask(url, headers={"If-None-Match": whole.headers["etag"]})).status_code == 304
    assert (await visitor.ask(url, headers={"If-Match": '"other"'})).status_code == 412
    assert (await visitor.ask(url, "POST")).status_code == 405


async def test_a_page_is_saved_whatever_is_asked_for_and_what_is_shown_is_shown_in_a_sandbox(
    ada: FileClient, visitor: LinkVisitor
) -> None:
    page = await visitor.browse(await address(ada, await stored(ada, PAGE, "page.html"), disposition="inline"))
    assert page.headers["content-disposition"] == 'attachment; filename="page.html"'
    assert page.headers["x-content-type-options"] == "nosniff"
    shown = await visitor.browse(await address(ada, await stored(ada, b"words"), disposition="inline"))
    assert shown.headers["content-disposition"] == 'inline; filename="notes.txt"'
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    saved = await address(ada, await stored(ada, b"words"))
    assert (
        (await visitor.ask(saved, query="?disposition=inline")).headers["content-disposition"].startswith("attachment")
    )


@pytest.mark.parametrize("dest", ["script", "style", "worker", "serviceworker"])
async def test_no_page_at_the_same_address_is_made_of_it(ada: FileClient, visitor: LinkVisitor, dest: str) -> None:
    """Beside the console, whose policy lets it load what its own origin has."""
    own = {"Sec-Fetch-Dest": dest, "Sec-Fetch-Site": "same-origin"}
    file_id = await stored(ada, b"alert(1)", "code.js")
    link = (await ada.post(f"/files/{file_id}/links", {})).json()["url"]
    for url in (link, await address(ada, file_id)):
        refused = await visitor.ask(url, headers=own)
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:problem-type:strongroom:not-code")
        assert (await visitor.ask(url, headers=own | {"Sec-Fetch-Site": "cross-site"})).status_code == 200
        assert (await visitor.ask(url, headers=own | {"Sec-Fetch-Dest": "image"})).status_code == 200


async def test_people_are_told_on_a_page_that_an_address_is_dead(visitor: LinkVisitor) -> None:
    answer = await visitor.browse("https://x/s/d/never")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert (await visitor.ask("https://x/s/d/never", headers=BROWSER)).status_code == 404


async def test_the_address_is_in_no_log(ada: FileClient, visitor: LinkVisitor) -> None:
    with capture_logs() as events:
        url = await address(ada, await stored(ada))
        await visitor.ask(url)
        await visitor.ask(url + "x")
    assert [event["path"] for event in events if event["event"] == "request"][-2:] == ["/s/*", "/s/*"]
    assert sealed(url)[:40] not in json.dumps(events, default=str)


async def test_it_is_below_the_address_that_the_client_came_to(ada: FileClient, settings: FileSettings) -> None:
    file_id = await stored(ada)
    assert (await address(ada, file_id)).startswith(f"{settings.public_url}/s/d/")
    told = {"X-Forwarded-Host": "vault.example", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/vault"}
    answer = await ada.http.post(f"{ada.origin}/files/{file_id}/download-url", headers=ada.headers | told)
    assert answer.json()["url"].startswith("https://vault.example/vault/s/d/")
