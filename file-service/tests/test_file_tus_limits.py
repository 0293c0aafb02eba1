"""What resumable uploads may be called, be and hold, and how long they are kept."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx2
import pytest
from file_client import FileClient
from leftovers import Leftovers
from minio import Minio
from moving_clock import MovingClock
from starlette.datastructures import Headers
from starlette.types import ASGIApp
from tus_client import TusClient, encoded, slug
from upkeep_rig import Rig

from file_service.app import create_app
from file_service.resumable import schemas
from file_service.resumable.expiry import Expiry
from file_service.resumable.repository import Upload
from file_service.settings import FileSettings
from file_service.upkeep import REFERRED
from strongroom.database import Database

Serve = Callable[[ASGIApp], Awaitable[str]]

MIB = 1024 * 1024
PART = 8 * MIB


async def set_quota(database: Database, tus: TusClient, quota: int) -> None:
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.owners (owner_id, quota) values ($1::text::uuid, $2)"
            " on conflict (owner_id) do update set quota = $2",
            (tus.files.account, quota),
        )


@pytest.mark.parametrize(
    "name",
    [
        "ünï.txt",
        "日本語/ファイル",
        "العربية.pdf",
        "עברית",
        "हिन्दी",
        "😀😀",
        "a b,c;d",
        "e\u0301",
        "a/b/c/d",
        ".hidden",
        "x" * 255,
    ],
)
async def test_names_of_every_script_come_through(tus: TusClient, name: str) -> None:
    await tus.patch(await tus.created(1, name), 0, b"x")
    path = await tus.created(1, "other", Upload_Metadata=encoded(filename="n", path=f"in/{name}"))
    await tus.patch(path, 0, b"y")
    assert (await tus.head(path)).headers["upload-metadata"] == encoded(filename="n", path=f"in/{name}")
    composed = name.replace("e\u0301", "é")
    assert set(await tus.files.paths()) == {composed, f"in/{composed}"}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../x",
        "a/../b",
        "/etc/passwd",
        "a//b",
        "a/",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\rb",
        ".",
        "x" * 256,
        "a/" * 600,
    ],
)
async def test_a_dangerous_path_is_refused(tus: TusClient, leftovers: Leftovers, path: str) -> None:
    for metadata in ({"path": path}, {"filename": path}, {"path": path, "filename": path}):
        answer = await tus.create(1, Upload_Metadata=encoded(**metadata).strip())
        assert (answer.status_code, slug(answer)) == (422, "invalid-path")
    assert await leftovers.uploads() == 0


@pytest.mark.parametrize(
    "metadata",
    [
        "filename",
        "filename YQ==,filename Yg==",
        "filename YQ",
        "filename Y Q==",
        "filename  YQ==",
        "filename YQ==,",
        ",filename YQ==",
        "filename YQ=\u00fc",
        "filen\u00fcme YQ==",
        "filename YQ-_",
        "filename " + base64.b64encode(b"\xff\xfe").decode(),
        "filename " + base64.b64encode(b"\xed\xa0\x80").decode(),
    ],
)
async def test_metadata_that_cannot_be_read_is_refused(tus: TusClient, leftovers: Leftovers, metadata: str) -> None:
    answer = await tus.create(1, Upload_Metadata=metadata)
    assert answer.status_code in ({422} if metadata == "filename" else {400})
    assert await leftovers.uploads() == 0


async def test_other_metadata_is_kept_as_it_was_sent(tus: TusClient) -> None:
    sent = f"is_confidential,  {encoded(filename='a', anything='b' * 20_000)} ,empty "
    path = await tus.created(5, Upload_Metadata=sent.strip())
    assert (await tus.head(path)).headers["upload-metadata"] == sent.strip()
    assert (await tus.create(5, Upload_Metadata=encoded(filename="a", anything="b" * 60_000))).status_code == 400


async def test_what_is_not_allowed_is_refused_with_its_first_bytes(
    settings: FileSettings, serve: Serve, http: httpx2.AsyncClient, ada: FileClient, leftovers: Leftovers
) -> None:
    origin = await serve(create_app(settings.model_copy(update={"denied_types": ["image/*"]})))
    tus = TusClient(FileClient(http, origin, ada.token))
    picture = b"\x89PNG\r\n\x1a\n" + bytes(5000)
    for size in (20 * MIB, len(picture)):
        path = await tus.created(size, "a.txt")
        answer = await tus.patch(path, 0, picture)
        assert (answer.status_code, slug(answer)) == (415, "type-not-allowed")
        assert await tus.offset(path) == 0
    path = await tus.created(len(picture), "a.txt")
    assert (await tus.patch(path, 0, picture[:100])).status_code == 204  # too little to tell
    assert (await tus.patch(path, 100, picture[100:])).status_code == 415
    unknown = await tus.created(None, "b.txt")
    assert (await tus.patch(unknown, 0, picture[:100])).status_code == 204
    assert (await tus.patch(unknown, 100, b"", Upload_Length="100")).status_code == 415
    assert (await tus.create(len(picture), "c.txt", picture)).status_code == 415
    assert (await tus.files.get("/files")).json()["items"] == []


async def test_unfinished_uploads_count_with_all_that_they_announced(tus: TusClient, database: Database) -> None:
    await set_quota(database, tus, 100)
    path = await tus.created(60)
    refused = await tus.create(41)
    assert (refused.status_code, slug(refused), refused.json()["left"]) == (507, "quota-exceeded", 40)
    assert (await tus.create(40)).status_code == 201
    await tus.patch(path, 0, bytes(60))
    assert (await tus.create(1)).status_code == 507
    unknown = await tus.created(None)
    assert (await tus.patch(unknown, 0, b"x")).status_code == 507
    assert (await tus.patch(unknown, 0, b"", Upload_Length="1")).status_code == 507
    assert await tus.offset(unknown) == 0


async def test_of_many_creations_at_once_no_more_are_let_in_than_there_is_room_for(
    tus: TusClient, database: Database
) -> None:
    await set_quota(database, tus, 10 * MIB)
    answers = await asyncio.gather(*(tus.create(MIB, f"{number}") for number in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [507] * 10


async def test_what_decides_is_the_quota_when_the_file_is_made(
    tus: TusClient, database: Database, leftovers: Leftovers
) -> None:
    await set_quota(database, tus, 100)
    paths = [await tus.created(50, name) for name in "ab"]
    await tus.files.put("c", bytes(20))
    answers = await asyncio.gather(*(tus.patch(path, 0, bytes(50)) for path in paths))
    assert sorted(answer.status_code for answer in answers) == [204, 507]
    assert await tus.files.usage() == (70, 2)
    for path in paths:
        await tus.ask("DELETE", path)
    assert await leftovers.freed() == await leftovers.rows()


async def test_an_upload_is_kept_until_it_expires_and_its_bytes_go_with_it(
    tus: TusClient, expiry: Callable[[MovingClock], Expiry], leftovers: Leftovers
) -> None:
    small, large, partial = (
        await tus.created(9),
        await tus.created(20 * MIB),
        await tus.created(2, Upload_Concat="partial"),
    )
    await tus.patch(small, 0, b"abc")
    await tus.patch(large, 0, bytes(PART + 5))
    told = await tus.patch(partial, 0, b"ab")
    expires = parsedate_to_datetime(told.headers["upload-expires"])
    assert timedelta(hours=23.9) < expires - datetime.now(UTC) <= timedelta(hours=24)
    clock = MovingClock()
    clock.forward(hours=23.9)
    await expiry(clock).turn()
    assert (await tus.offset(small), await tus.offset(large), await tus.offset(partial)) == (3, PART + 5, 2)
    clock.forward(hours=0.2)
    await expiry(clock).turn()
    for path in (small, large, partial):
        assert (await tus.head(path)).status_code == 404
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []


async def test_what_is_being_sent_does_not_expire(
    tus: TusClient, expiry: Callable[[MovingClock], Expiry], database: Database
) -> None:
    path = await tus.created(3)
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "update files.resumable_uploads set lease_token = id, leased_until = clock_timestamp() + interval '1 hour'"
        )
    clock = MovingClock()
    clock.forward(days=2)
    await expiry(clock).turn()
    assert await tus.offset(path) == 0


async def test_an_expired_upload_that_is_still_known_is_gone(tus: TusClient, database: Database) -> None:
    path = await tus.created(3)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.resumable_uploads set expires_at = now()")
    for answer in (await tus.head(path), await tus.patch(path, 0, b"abc"), await tus.ask("DELETE", path)):
        assert answer.status_code == 410
    assert slug(await tus.patch(path, 0, b"abc")) == "upload-expired"


async def test_activity_puts_the_end_off_but_not_for_ever(tus: TusClient, database: Database) -> None:
    path = await tus.created(9)
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "update files.resumable_uploads set expires_at = now() + interval '1 minute',"
            " created_at = now() - interval '3 days'"
        )
    told = parsedate_to_datetime((await tus.patch(path, 0, b"a")).headers["upload-expires"])
    assert told - datetime.now(UTC) > timedelta(hours=23)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.resumable_uploads set created_at = now() - interval '6.9 days'")
    told = parsedate_to_datetime((await tus.patch(path, 1, b"a")).headers["upload-expires"])
    assert told - datetime.now(UTC) < timedelta(hours=3)


async def test_the_sweep_of_orphans_leaves_uploads_alone(
    tus: TusClient, rig: Rig, leftovers: Leftovers, s3: Minio
) -> None:
    await tus.files.put("a", b"x")
    small, large = await tus.created(9, "small"), await tus.created(PART + 9, "large")
    await tus.patch(small, 0, b"abc")
    await tus.patch(large, 0, bytes(PART + 5))
    await tus.patch(await tus.created(2, Upload_Concat="partial"), 0, b"ab")
    before = leftovers.objects()
    assert len(before) == 4
    rig.clock.forward(hours=25)
    await rig.sweep(referred=REFERRED).turn()
    assert leftovers.objects() == before
    assert (await tus.patch(small, 3, bytes(6))).status_code == 204
    assert (await tus.patch(large, PART + 5, os.urandom(4))).status_code == 204


@pytest.mark.parametrize("public_url", ["https://example.org", "https://example.org/some/store"])
async def test_addresses_are_below_the_public_prefix(public_url: str) -> None:
    identity = "0199c3a4-0000-7000-8000-000000000001"
    written = Headers({"upload-metadata": encoded(filename="x"), "upload-length": "1"})
    wanted = schemas.creation(written, {public_url})
    now = datetime.now(UTC)
    upload = Upload(UUID(identity), uuid4(), wanted.path, None, None, None, (), 1, now, now)
    address = schemas.location(upload, public_url)
    assert address == f"{public_url}/files/uploads/{identity}"
    for sent in (address, urlsplit(address).path, f"/files/uploads/{identity}"):
        final = Headers({"upload-metadata": encoded(filename="x"), "upload-concat": f"final;{sent}"})
        assert schemas.creation(final, {public_url}).partials == (UUID(identity),)
