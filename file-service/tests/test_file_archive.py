"""Archives: every file of a selection as one zip, made while it is sent."""

import asyncio
import io
import os
import shutil
import time
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import anyio
import httpx2
import psutil
import pytest
from file_client import FileClient
from minio import Minio
from starlette.types import ASGIApp, Receive, Scope, Send
from upkeep_rig import Rig

from file_service.app import create_app
from file_service.archive import service
from file_service.archive.service import Archives
from file_service.settings import FileSettings
from strongroom.database import Database
from strongroom.testing import TestIssuer

MIB = 1024 * 1024
NAMES = [
    "q3.pdf",
    "räksmörgås.txt",
    "Отчёт за март.docx",
    "報告書-最終.xlsx",
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
    "\"quoted\" and 'single' %2e%2e",
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
    environment = {"LC_ALL": "C.UTF-8"}
    told = await anyio.run_process([unzip, "-t", saved], env=environment, check=False)
    assert told.returncode == 0, told
    assert b"No errors detected" in told.stdout
    assert (await anyio.run_process([unzip, "-q", saved, "-d", tmp_path / "out"], env=environment)).returncode == 0
    for name, content in wanted.items():
        assert (tmp_path / "out" / name).read_bytes() == content


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


async def test_a_file_and_a_folder_of_one_name_can_both_be_unpacked(
    ada: FileClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("x/a.b", "x/a.b/c", "x/a (2).b", "x/a (3).b/c", "x/a.b-", "x/d", "x/d/e", "x/d/e/f", "d (2)"):
        await ada.upload(path.encode(), "f", path=path)
    wanted = {
        "a (4).b": b"x/a.b",
        "a.b/c": b"x/a.b/c",
        "a (2).b": b"x/a (2).b",
        "a (3).b/c": b"x/a (3).b/c",
        "a.b-": b"x/a.b-",
        "d (2)": b"x/d",
        "d/e (2)": b"x/d/e",
        "d/e/f": b"x/d/e/f",
    }
    assert contents(await archived(ada, prefix="x")) == wanted
    assert contents(await archived(ada, prefix="")).keys() == {"d (2)"} | {f"x/{name}" for name in wanted}
    monkeypatch.setattr(service, "_PAGE", 2)
    assert contents(await archived(ada, prefix="x")) == wanted


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
                "update files.file_versions set crc32 = null where object_key ="
                " (select object_key from files.files where path = 'a.txt')"
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


@pytest.mark.parametrize("blocks", [0, 1, 2, 50])
async def test_whoever_stops_half_way_has_let_go_of_the_store_at_once(ada: FileClient, rig: Rig, blocks: int) -> None:
    for name in ("a", "b"):
        await ada.upload(os.urandom(8 * MIB), name)
    archive = await Archives(rig.database, rig.store).of_folder(UUID(ada.account), "")
    async with archive.opening() as chunks:
        for _ in range(blocks):
            await anext(chunks)
        assert rig.store.open == 1
    assert rig.store.open == 0
    assert len(rig.store.gets) == (2 if blocks == 50 else 1)


async def test_a_cancelled_archive_has_let_go_of_the_store_at_once(ada: FileClient, rig: Rig) -> None:
    for name in ("a", "b"):
        await ada.upload(b"x", name)
    archive = await Archives(rig.database, rig.store).of_folder(UUID(ada.account), "")
    second = asyncio.Event()

    async def stall(_: str) -> None:
        if len(rig.store.gets) == 2:
            second.set()
            await asyncio.Event().wait()

    async def read() -> None:
        async with archive.opening() as chunks:
            async for _ in chunks:
                pass

    rig.store.on_get = stall
    reading = asyncio.create_task(read())
    await second.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert rig.store.open == 0


async def test_clients_that_go_away_half_way_leave_no_connection_to_the_store(
    settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]], issuer: TestIssuer, http: httpx2.AsyncClient
) -> None:
    app = create_app(settings.model_copy(update={"s3_connections": 16}))
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
        for _ in range(8):  # in three rounds more than the store has connections
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(head.encode() + body)
            visitors.append((reader, writer))
        for number, (reader, writer) in enumerate(visitors):
            if number % 4:  # some are gone before there is an answer
                await reader.readexactly(100_000 if round_ else 1000)
            writer.transport.abort()
        async with asyncio.timeout(20):
            await idle.wait()
    async with asyncio.timeout(20):
        assert len(contents(await archived(client, prefix=""))) == 2


MANY = """
    with one as (select f.*, v.crc32 from files.files f join files.file_versions v on v.file_id = f.id),
    made as (
        insert into files.files
            (id, owner_id, path, version, object_key, size, sha256, content_type, created_at, updated_at)
        select gen_random_uuid(), owner_id, 'many/' || lpad(n::text, 6, '0') || '.txt', 1, object_key, size, sha256,
            content_type, created_at, updated_at
        from one, generate_series(1, $1) n returning *
    )
    insert into files.file_versions (file_id, version, object_key, size, sha256, crc32, content_type, created_at)
    select made.id, 1, made.object_key, made.size, made.sha256, one.crc32, made.content_type, made.created_at
    from made, one
"""


async def test_more_than_a_page_of_files_are_all_there_in_order(
    ada: FileClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("file_service.archive.service._PAGE", 20)
    await ada.upload(b"the same bytes", "one.txt")
    async with database.begin() as tx:
        await tx.exec_driver_sql(MANY, (50,))
    answer = await archived(ada, prefix="many/")
    assert "content-length" not in answer.headers
    found = contents(answer)
    assert list(found) == [f"{number:06}.txt" for number in range(1, 51)]
    assert set(found.values()) == {b"the same bytes"}


@pytest.mark.heavy
async def test_ten_thousand_files_begin_within_a_second_and_take_no_memory(ada: FileClient, database: Database) -> None:
    await ada.upload(os.urandom(20_000), "one.bin")
    async with database.begin() as tx:
        await tx.exec_driver_sql(MANY, (10_000,))
    process = psutil.Process()
    started, before, most, size, first = time.monotonic(), process.memory_info().rss, 0, 0, 0.0
    url, body = f"{ada.origin}/files/archive", {"prefix": "many/"}
    async with ada.http.stream("POST", url, json=body, headers=ada.headers) as answer:
        async for chunk in answer.aiter_raw():
            first = first or time.monotonic() - started
            size += len(chunk)
            most = max(most, process.memory_info().rss - before)
    assert first < 1
    assert size > 10_000 * 20_000
    assert most < 48 * MIB


async def test_more_files_than_an_archive_takes_are_refused_before_it_begins(
    ada: FileClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("file_service.archive.service._PAGE", 20)
    monkeypatch.setattr("file_service.archive.service._MOST_FILES", 100)
    await ada.upload(b"x", "one.txt")
    async with database.begin() as tx:
        await tx.exec_driver_sql(MANY, (101,))
    answer = await archived(ada, prefix="many")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:too-many-files")
