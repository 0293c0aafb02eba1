"""Addresses of the store that are given away: off unless wanted, good for one thing, and not for long."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from direct_client import DirectClient
from file_client import FileClient
from leftovers import Leftovers
from moving_clock import MovingClock
from pydantic import ValidationError
from starlette.types import ASGIApp
from store_tap import StoreTap
from tus_client import slug
from upkeep_rig import Rig

from file_service.app import create_app
from file_service.resumable.expiry import Expiry
from file_service.settings import FileSettings, StorageSettings
from file_service.storage.public_urls import PublicUrls
from file_service.storing import public_urls
from file_service.upkeep import REFERRED
from strongroom.database import Database

Serve = Callable[[ASGIApp], Awaitable[str]]
Clients = Callable[..., FileClient]

MIB = 1024 * 1024
PART = 16 * MIB


@pytest.fixture
async def origin(published: FileSettings, serve: Serve) -> str:
    return await serve(create_app(published))


async def test_direct_transfers_are_off_unless_an_address_is_published(
    settings: FileSettings, serve: Serve, ada: FileClient
) -> None:
    ada.origin = await serve(create_app(settings))
    file_id = (await ada.upload(b"hello")).json()["id"]
    for answer in (
        await ada.post("/files/direct", {"path": "x", "size": 1}),
        await ada.get(f"/files/direct/{file_id}"),
        await ada.get(f"/files/direct/{file_id}/parts"),
        await ada.post(f"/files/direct/{file_id}/complete", {"parts": []}),
        await ada.delete(f"/files/direct/{file_id}"),
        await ada.get(f"/files/{file_id}/direct"),
    ):
        assert (answer.status_code, slug(answer)) == (404, "direct-transfers-off")


@pytest.mark.parametrize(
    "endpoint",
    ["https://s3.example.org", "http://s3.example.org:9000", "http://127.0.0.1:9000", "http://localhost"],
)
def test_an_address_is_a_scheme_a_host_and_perhaps_a_port(endpoint: str) -> None:
    keys = {"s3_endpoint": "http://s3:9000", "s3_access_key": "key", "s3_secret_key": "secret"}
    # Browsers send a host in small letters, and that is what is signed.
    settings = StorageSettings.model_validate({**keys, "s3_public_endpoint": endpoint.upper()})
    urls = public_urls(settings)
    assert urls is not None
    now = datetime.now(UTC)
    url = urls.part("a/b", "id", 1, size=1, since=now, until=now + timedelta(hours=1))
    assert url.startswith(f"{endpoint}/strongroom/a/b?")


@pytest.mark.parametrize(
    "endpoint",
    [
        "s3.example.org",
        "s3.example.org:9000",
        "ftp://s3.example.org",
        "https://",
        "https://s3.example.org/",
        "https://s3.example.org/store",
        "https://s3.example.org?x",
        "https://s3.example.org#x",
        "https://key@s3.example.org",
        "https://s3.example.org:0",
        "https://s3.example.org:65536",
        "https://s3.example.org:",
        "https://s3 .example.org",
        "https://-",
        "https://s3.example.org\n",
    ],
)
def test_any_other_address_is_refused_at_the_start(endpoint: str) -> None:
    keys = {"s3_endpoint": "http://s3:9000", "s3_access_key": "key", "s3_secret_key": "secret"}
    with pytest.raises(ValidationError):
        StorageSettings.model_validate({**keys, "s3_public_endpoint": endpoint})


async def test_the_bytes_go_past_the_service(direct: DirectClient, tap: StoreTap) -> None:
    content = os.urandom(MIB)
    file_id = (await direct.complete(*await direct.sent(content))).json()["id"]
    assert tap.requests == 0
    answer = await direct.files.http.get(await direct.address(file_id))
    assert (answer.status_code, answer.content) == (200, content)
    assert tap.requests == 1


async def test_without_a_token_or_with_too_small_a_scope_no_address_is_given_away(
    direct: DirectClient, client_of: Clients
) -> None:
    where, _ = await direct.sent(b"hello")
    file_id = (await direct.files.upload(b"hello")).json()["id"]
    account = direct.files.account
    reader, writer = client_of(scope="files:read", sub=account), client_of(scope="files:write", sub=account)
    nobody = FileClient(direct.files.http, direct.files.origin, None)
    for path in (where, f"{where}/parts"):
        assert (await reader.get(path)).status_code == 403
        assert (await nobody.get(path)).status_code == 401
    for path in ("/files/direct", f"{where}/complete"):
        assert (await reader.post(path, {"parts": [], "path": "x", "size": 1})).status_code == 403
    assert (await reader.delete(where)).status_code == 403
    assert (await writer.get(f"/files/{file_id}/direct")).status_code == 403
    assert (await nobody.get(f"/files/{file_id}/direct")).status_code == 401
    assert (await reader.get(f"/files/{file_id}/direct")).status_code == 200


async def test_the_address_of_a_part_is_good_for_nothing_else(direct: DirectClient, leftovers: Leftovers) -> None:
    secret = (await direct.files.upload(b"secret", "secret")).json()
    stored = next(iter(leftovers.objects()))
    where = await direct.created(PART + 6)
    part = (await direct.parts(where))[1]
    url = part["url"]
    address = urlsplit(url)
    query = parse_qs(address.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;host"]
    assert query["X-Amz-Expires"] == ["3600"]
    tampered = [
        url.replace("partNumber=2", "partNumber=1"),
        url.replace(query["uploadId"][0], "0" * 32),
        url.replace(address.path, f"{address.path.rpartition('/')[0]}/other"),
        url.replace(address.path, f"/{address.path.split('/')[1]}/{stored}"),
        url.replace("X-Amz-Expires=3600", "X-Amz-Expires=36000"),
        url.replace("content-length%3Bhost", "host"),
        f"{url}&more=1",
        url.partition("?")[0],
    ]
    for wrong in tampered:
        answer = await direct.put({"url": wrong}, b"123456")
        assert answer.status_code == 403, wrong
    for method in ("GET", "HEAD", "DELETE"):
        assert (await direct.files.http.request(method, url)).status_code == 403
    # Nor to copy into it what somebody else has.
    for content in (b"", b"123456"):
        answer = await direct.put(part, content, **{"x-amz-copy-source": f"{address.path.split('/')[1]}/{stored}"})
        assert answer.status_code == 403
    assert [part["etag"] for part in await direct.parts(where)] == [None, None]
    assert (await direct.files.download(secret["id"])).content == b"secret"
    assert (await direct.put(part, b"123456")).status_code == 200


async def test_the_address_of_a_part_is_of_no_use_once_the_file_is_there(direct: DirectClient) -> None:
    where = await direct.created(5)
    (part,) = await direct.parts(where)
    await direct.complete(where, await direct.send(where, b"hello"))
    assert (await direct.put(part, b"other")).status_code == 404
    await direct.has_file("x", b"hello")


@pytest.fixture
def urls(published: FileSettings) -> PublicUrls:
    found = public_urls(published)
    assert found is not None
    return found


async def test_an_address_that_has_expired_is_refused_by_the_store(
    direct: DirectClient, urls: PublicUrls, rig: Rig, leftovers: Leftovers
) -> None:
    await direct.created(5)
    await direct.files.upload(b"stored")
    ((key, upload_id),) = await rig.rows("select object_key, multipart_id from files.resumable_uploads")
    (stored,) = leftovers.objects()
    now = datetime.now(UTC)
    for ago, status in ((timedelta(minutes=5), 403), (timedelta(0), 200)):
        lasting = {"since": now - ago, "until": now - ago + timedelta(minutes=4)}
        url = urls.part(key, upload_id, 1, size=5, **lasting)
        assert (await direct.put({"url": url}, b"hello")).status_code == status
        url = urls.object(stored, headers={}, **lasting)
        assert (await direct.files.http.get(url)).status_code == status


async def test_a_file_is_fetched_under_its_name_and_type_whole_or_in_part(direct: DirectClient) -> None:
    page = b"<!DOCTYPE html>hello"
    file = (await direct.files.put("pages/\u00fcber \u201cus\u201d.html", page)).json()
    told = (await direct.files.get(f"/files/{file['id']}/direct")).json()
    left = datetime.fromisoformat(told["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)
    through = await direct.files.download(file["id"])
    answer = await direct.files.http.get(told["url"])
    assert answer.content == page
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert answer.headers[name] == through.headers[name]
    assert quote("über “us”.html") in answer.headers["content-disposition"]
    part = await direct.files.http.get(told["url"], headers={"Range": "bytes=2-8"})
    assert (part.status_code, part.content) == (206, page[2:9])


async def test_what_is_not_safe_to_show_is_saved_all_the_same(direct: DirectClient) -> None:
    for name, content, kind in (("a.html", b"<html>", "attachment"), ("a.txt", b"hello", "inline")):
        file = (await direct.files.put(name, content)).json()
        answer = await direct.files.http.get(await direct.address(file["id"], disposition="inline"))
        assert answer.headers["content-disposition"].startswith(kind)


async def test_an_earlier_version_can_be_fetched(direct: DirectClient) -> None:
    file = (await direct.files.put("x", b"one")).json()
    await direct.complete(*await direct.sent(b"two"))
    for params, content in (({}, b"two"), ({"version": 1}, b"one"), ({"version": 2}, b"two")):
        assert (await direct.files.http.get(await direct.address(file["id"], **params))).content == content
    answer = await direct.files.get(f"/files/{file['id']}/direct", version=3)
    assert (answer.status_code, slug(answer)) == (404, "version-not-found")


async def test_the_address_of_a_file_is_for_those_who_may_read_it(direct: DirectClient, client_of: Clients) -> None:
    bob = client_of()
    file_id = (await direct.files.upload(b"hello")).json()["id"]
    assert slug(await bob.get(f"/files/{file_id}/direct")) == "file-not-found"
    await direct.files.post(f"/files/{file_id}/shares", {"account_id": bob.account, "permission": "read"})
    assert (await bob.http.get(await DirectClient(bob).address(file_id))).content == b"hello"
    await direct.files.delete(f"/files/{file_id}")
    for client in (bob, direct.files):
        assert (await client.get(f"/files/{file_id}/direct")).status_code == 404


async def test_a_changed_address_of_a_file_is_refused_by_the_store(direct: DirectClient, leftovers: Leftovers) -> None:
    file = (await direct.files.put("a.html", b"<html>")).json()
    other = (await direct.files.put("b", b"other")).json()
    assert other["version"] == 1
    url = await direct.address(file["id"])
    path = urlsplit(url).path
    another = next(key for key in leftovers.objects() if not path.endswith(key))
    for wrong in (
        url.replace("attachment", "inline"),
        url.replace("text%2Fhtml", "text%2Fplain"),
        url.replace("X-Amz-Expires=300", "X-Amz-Expires=30000"),
        url.replace(path, f"/{path.split('/')[1]}/{another}"),
        f"{url}&response-expires=1",
        url.partition("?")[0],
    ):
        assert wrong != url
        assert (await direct.files.http.get(wrong)).status_code == 403, wrong
    for method in ("PUT", "DELETE", "HEAD"):
        assert (await direct.files.http.request(method, url)).status_code == 403
    assert (await direct.files.http.get(url)).status_code == 200


async def test_asking_for_parts_puts_the_end_off(direct: DirectClient, database: Database) -> None:
    where = await direct.created(5)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.resumable_uploads set expires_at = now() + interval '1 minute'")
    await direct.parts(where)
    left = datetime.fromisoformat((await direct.files.get(where)).json()["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.resumable_uploads set expires_at = now()")
    for answer in (await direct.files.get(f"{where}/parts"), await direct.complete(where, [])):
        assert (answer.status_code, slug(answer)) == (410, "upload-expired")


async def test_what_nobody_completes_goes_when_it_has_expired(
    direct: DirectClient, expiry: Callable[[MovingClock], Expiry], leftovers: Leftovers
) -> None:
    where, named = await direct.sent(bytes(PART + 3))
    clock = MovingClock()
    clock.forward(hours=23.9)
    await expiry(clock).turn()
    assert (await direct.files.get(where)).status_code == 200
    clock.forward(hours=0.2)
    await expiry(clock).turn()
    assert (await direct.complete(where, named)).status_code == 404
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []


async def test_the_sweep_of_orphans_leaves_what_is_being_completed_alone(
    direct: DirectClient, client_of: Clients, rig: Rig, leftovers: Leftovers
) -> None:
    await direct.files.put("a", b"x")
    where, named = await direct.sent(b"hello")
    admin = client_of(scope="admin")
    quota = f"{admin.origin}/files/usage/{direct.files.account}"
    await admin.http.put(quota, json={"quota": 0}, headers=admin.headers)
    assert (await direct.complete(where, named)).status_code == 507  # its object is there, and no row of a file
    before = leftovers.objects()
    assert len(before) == 2
    rig.clock.forward(hours=25)
    await rig.sweep(referred=REFERRED).turn()
    assert leftovers.objects() == before
    await admin.http.put(quota, json={"quota": None}, headers=admin.headers)
    assert (await direct.complete(where, named)).status_code == 201
    await direct.has_file("x", b"hello")


async def test_an_upload_survives_that_direct_transfers_are_switched_off_and_on(
    direct: DirectClient, published: FileSettings, serve: Serve
) -> None:
    where, named = await direct.sent(b"hello")
    on = direct.files.origin
    direct.files.origin = await serve(create_app(published.model_copy(update={"s3_public_endpoint": None})))
    assert slug(await direct.complete(where, named)) == "direct-transfers-off"
    direct.files.origin = on
    assert (await direct.complete(where, named)).status_code == 201
