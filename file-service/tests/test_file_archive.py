"""Archives: every file of a selection as one zip, made while it is sent."""

import asyncio
import io
import itertools
import os
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest
from file_client import FileClient
from minio import Minio
from starlette.types import ASGIApp, Receive, Scope, Send

from file_service.app import create_app
from file_service.archive.names import distinct
from file_service.archive.zipping import Member, zip_size, zipped
from file_service.settings import FileSettings
from strongroom.database import Database
from strongroom.testing import TestIssuer

MIB = 1024 * 1024
NAMES = [
    "q3.pdf",
    "räksmörgås.txt",
    "Отчёт за март.docx",
    "報告書／最終.xlsx",
    "تقرير.pdf",
    "דוח.pdf",
    "รายงาน.txt",
    "👩‍👩‍👧‍👦🏳️‍🌈.png",
    "..txt",
    "...",
    "..a/..b/c..",
    "-rf",
    "~",
    "C:autoexec.bat",
    "con",
    "a b\u00a0c\u2028d",
    '"quoted" and \'single\' %2e%2e',
    "<script>.html",
    "x" * 255,
    "é" * 127,
    "/".join(["deep" * 20] * 12),
]


async def archived(client: FileClient, **wanted: Any) -> httpx2.Response:
    return await client.post("/files/archive", wanted)


def contents(answer: httpx2.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {one.filename: archive.read(one) for one in archive.infolist()}


async def test_names_of_every_script_and_every_trick_come_back_as_they_are(ada: FileClient, tmp_path: Path) -> None:
    wanted = {name: name.encode() * 3 for name in NAMES}
    for name, content in wanted.items():
        assert (await ada.upload(content, "f", path=f"all/{name}")).status_code == 201
    answer = await archived(ada, prefix="all/")
    assert contents(answer) == wanted
    saved = tmp_path / "all.zip"
    saved.write_bytes(answer.content)
    unzip = shutil.which("unzip")
    if unzip is None:
        pytest.skip("there is no unzip on this machine; Python's zipfile has read it")
    # In UTF-8, or it could not name what it writes.
    told = subprocess.run([unzip, "-t", saved], capture_output=True, env={"LC_ALL": "C.UTF-8"}, check=False)
    assert told.returncode == 0, told
    assert b"No errors detected" in told.stdout


@pytest.mark.parametrize("prefix", ["reports", "reports/"])
async def test_names_are_relative_to_the_folder(ada: FileClient, prefix: str) -> None:
    for path in ("reports/a.txt", "reports/2026/b.txt", "reports.txt", "reports2/c.txt", "x/reports/d.txt"):
        await ada.upload(path.encode(), "f", path=path)
    answer = await archived(ada, prefix=prefix)
    assert contents(answer) == {"a.txt": b"reports/a.txt", "2026/b.txt": b"reports/2026/b.txt"}
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="reports.zip"'
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_an_empty_prefix_is_the_whole_tree(ada: FileClient) -> None:
    for path in ("a", "b/c"):
        await ada.upload(path.encode(), "f", path=path)
    answer = await archived(ada, prefix="")
    assert contents(answer) == {"a": b"a", "b/c": b"b/c"}
    assert answer.headers["content-disposition"] == 'attachment; filename="files.zip"'


async def test_a_folder_names_the_archive_in_any_script(ada: FileClient) -> None:
    await ada.upload(b"x", "f", path="報告/März/f")
    answer = await archived(ada, prefix="報告/März")
    assert "filename*=UTF-8''M%C3%A4rz.zip" in answer.headers["content-disposition"]


async def test_files_of_one_name_lie_side_by_side(ada: FileClient) -> None:
    paths = ["a/name.txt", "b/name.txt", "c/NAME.txt", "name (2).txt", "d/plain", "e/plain"]
    ids = [(await ada.upload(path.encode(), "f", path=path)).json()["id"] for path in paths]
    answer = await archived(ada, ids=[*ids, ids[0]])
    assert contents(answer) == {
        "name.txt": b"a/name.txt",
        "name (3).txt": b"b/name.txt",
        "NAME (4).txt": b"c/NAME.txt",
        "name (2).txt": b"name (2).txt",
        "plain": b"d/plain",
        "plain (2)": b"e/plain",
    }


def test_names_stay_apart_however_many_are_alike_and_none_gets_too_long() -> None:
    names = ["x" * 251 + ".txt"] * 1000 + ["é" * 127] * 3 + [".profile", ".profile", "a.tar.gz", "A.tar.gz"]
    found = distinct(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert max(len(name.encode()) for name in found) == 255
    assert found[-4:] == [".profile", ".profile (2)", "a.tar.gz", "A.tar (2).gz"]


@pytest.mark.parametrize("sizes", [[0], [0, 1, 0], [1, 256 * 1024, 3 * MIB + 7, 0, 17 * MIB]])
async def test_bytes_of_any_size_come_back_as_they_went(ada: FileClient, sizes: list[int]) -> None:
    wanted = {f"{number}.bin": os.urandom(size) for number, size in enumerate(sizes)}
    for name, content in wanted.items():
        await ada.upload(content, name)
    answer = await archived(ada, prefix="")
    assert contents(answer) == wanted
    assert answer.headers["content-length"] == str(len(answer.content))


async def test_it_holds_the_newest_versions_and_nothing_from_the_trash(ada: FileClient) -> None:
    await ada.upload(b"old", "a.txt")
    await ada.upload(b"new one", "a.txt")
    gone = (await ada.upload(b"gone", "b.txt")).json()["id"]
    await ada.delete(f"/files/{gone}")
    assert contents(await archived(ada, prefix="")) == {"a.txt": b"new one"}
    assert (await archived(ada, ids=[gone])).status_code == 404


async def test_what_is_older_than_checksums_for_zip_is_in_it_too(ada: FileClient, database: Database) -> None:
    wanted = {"old.bin": os.urandom(3 * MIB), "older.txt": b"x" * 100_000, "empty": b"", "new.txt": b"new"}
    for name, content in wanted.items():
        await ada.upload(content, name)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.file_versions set crc32 = null where size not in (3)")
    answer = await archived(ada, prefix="")
    assert contents(answer) == wanted
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "status", "slug"),
    [
        ({}, 422, "nothing-selected"),
        ({"ids": []}, 422, "nothing-selected"),
        ({"ids": [str(uuid4())], "prefix": "a/"}, 422, "nothing-selected"),
        ({"ids": [str(uuid4())]}, 404, "file-not-found"),
        ({"ids": [str(uuid4()) for _ in range(1001)]}, 422, "too-many-files"),
        ({"ids": ["a.txt"]}, 422, "invalid-request"),
        ({"prefix": "nothing/here/"}, 404, "empty-archive"),
        ({"prefix": "a.tx"}, 404, "empty-archive"),
        ({"prefix": "../"}, 422, "invalid-path"),
        ({"prefix": "/"}, 422, "invalid-path"),
        ({"prefix": "a\0b"}, 422, "invalid-path"),
    ],
)
async def test_what_selects_nothing_is_refused(ada: FileClient, wanted: dict[str, Any], status: int, slug: str) -> None:
    await ada.upload(b"x", "a.txt")
    answer = await archived(ada, **wanted)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:problem-type:strongroom:{slug}")


async def test_one_id_of_somebody_else_spoils_the_whole(
    client_of: Callable[..., FileClient], database: Database
) -> None:
    ada, eve = client_of(), client_of(sub=str(uuid4()))
    file, other = [(await ada.upload(b"ada's", name)).json()["id"] for name in ("a.txt", "b.txt")]
    mine = (await eve.upload(b"eve's", "a.txt")).json()["id"]
    answer = await archived(eve, ids=[mine, file])
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:problem-type:strongroom:file-not-found")
    assert contents(await archived(eve, prefix="")) == {"a.txt": b"eve's"}
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "insert into files.shares values (gen_random_uuid(), $1, $2, $3, false, now())",
            (file, ada.account, eve.account),
        )
    assert contents(await archived(eve, ids=[mine, file])) == {"a.txt": b"eve's", "a (2).txt": b"ada's"}
    assert (await archived(eve, ids=[mine, other])).status_code == 404


async def test_nobody_gets_one_without_a_token_to_read(ada: FileClient, client_of: Callable[..., FileClient]) -> None:
    assert (await archived(FileClient(ada.http, ada.origin, None), prefix="")).status_code == 401
    assert (await archived(client_of(scope="files:write"), prefix="")).status_code == 403


async def keys_by_path(database: Database) -> dict[str, str]:
    async with database.reading() as connection:
        rows = await connection.exec_driver_sql("select path, object_key from files.files")
        return {row.path: row.object_key for row in rows}


async def test_a_first_object_that_is_missing_is_told_before_the_answer_begins(
    ada: FileClient, database: Database, s3: Minio, bucket_name: str
) -> None:
    await ada.upload(b"x", "a.txt")
    s3.remove_object(bucket_name=bucket_name, object_name=(await keys_by_path(database))["a.txt"])
    answer = await archived(ada, prefix="")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:problem-type:strongroom:object-missing")


async def spoil_nothing(s3: Minio, bucket: str, key: str) -> None:
    s3.remove_object(bucket_name=bucket, object_name=key)


async def spoil_bytes(s3: Minio, bucket: str, key: str) -> None:
    s3.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b"y" * 1000), length=1000)


async def spoil_size(s3: Minio, bucket: str, key: str) -> None:
    s3.put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(b"x" * 999), length=999)


@pytest.mark.parametrize("spoil", [spoil_nothing, spoil_bytes, spoil_size])
@pytest.mark.parametrize("size_is_known", [True, False])
async def test_an_object_that_is_missing_or_damaged_later_breaks_the_connection(
    ada: FileClient,
    database: Database,
    s3: Minio,
    bucket_name: str,
    spoil: Callable[[Minio, str, str], Awaitable[None]],
    size_is_known: bool,
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        await ada.upload(b"x" * 1000, name)
    await spoil(s3, bucket_name, (await keys_by_path(database))["b.txt"])
    if not size_is_known:
        async with database.begin() as tx:
            await tx.exec_driver_sql(
                "update files.file_versions v set crc32 = null from files.files f where f.id = file_id and path = 'a.txt'"
            )
    with pytest.raises(httpx2.RemoteProtocolError):
        await archived(ada, prefix="")
    assert set(contents(await archived(ada, ids=[await id_of(ada, "a.txt"), await id_of(ada, "c.txt")]))) == {
        "a.txt",
        "c.txt",
    }


async def id_of(client: FileClient, path: str) -> str:
    (file,) = (await client.get("/files", prefix=path)).json()["items"]
    return str(file["id"])


async def test_clients_that_go_away_half_way_leave_no_connection_to_the_store(
    settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]], issuer: TestIssuer, http: httpx2.AsyncClient
) -> None:
    app = create_app(settings)
    running = 0
    idle = asyncio.Event()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal running
        running += 1
        try:
            await app(scope, receive, send)
        finally:
            running -= 1
            if running <= 1:  # the lifespan goes on
                idle.set()

    client = FileClient(http, await serve(watched), issuer.token())
    for name in ("a", "b"):
        await client.upload(os.urandom(18 * MIB), name)
    address = urlsplit(client.origin)
    body = b'{"prefix":""}'
    head = (
        f"POST /files/archive HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for round_ in range(3):
        idle.clear()
        visitors = []
        for _ in range(100):  # in three rounds more than the store has connections
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(head.encode() + body)
            visitors.append((reader, writer))
        for number, (reader, writer) in enumerate(visitors):
            if number % 4:  # some are gone before there is an answer
                await reader.readexactly(100_000 if round_ else 1000)
            writer.transport.abort()
        async with asyncio.timeout(20):
            await idle.wait()
    async with asyncio.timeout(10):
        assert len(contents(await archived(client, prefix=""))) == 2
