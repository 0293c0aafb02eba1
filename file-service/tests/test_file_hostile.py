"""What hostile, slow and careless clients do, and what two at once do to each other."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from faults import FaultyStore
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp

from file_service.app import create_app
from file_service.settings import FileSettings
from file_service.storage.discarding import Arrivals, TookTooLong
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.storage.object_store import ObjectMissing
from strongroom.testing import TestIssuer

MakeClient = Callable[..., Awaitable[FileClient]]


@pytest.fixture
def client_with(
    settings: FileSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    http: httpx2.AsyncClient,
    issuer: TestIssuer,
) -> MakeClient:
    """Of a service with other settings."""

    async def make(**changes: Any) -> FileClient:
        return FileClient(http, await serve(create_app(settings.model_copy(update=changes))), issuer.token())

    return make


async def answered(client: FileClient, head: str) -> bytes:
    """The first line of the answer to a head that is sent as it is."""
    address = urlsplit(client.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head.encode("latin-1"))
    try:
        async with asyncio.timeout(20):
            return await reader.readline()
    finally:
        writer.transport.abort()


async def test_a_client_that_stops_sending_is_given_up(client_with: MakeClient, leftovers: Leftovers) -> None:
    client = await client_with(upload_idle_seconds=0.2)
    head = f"Host: x\r\nAuthorization: {client.headers['Authorization']}\r\nContent-Length: 1000\r\n"
    form = 'Content-Type: multipart/form-data; boundary=XX\r\n\r\n--XX\r\nContent-Disposition: form-data; name="file"'
    for request in (
        f"PUT /files/raw/f HTTP/1.1\r\n{head}\r\nxxx",
        f'POST /files/upload HTTP/1.1\r\n{head}{form}; filename="f"\r\n\r\nxxx',
    ):
        assert (await answered(client, request)).startswith(b"HTTP/1.1 408 ")
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []


async def test_one_account_does_not_take_every_place(client_with: MakeClient, issuer: TestIssuer) -> None:
    client = await client_with(max_uploads_at_once=3)
    head = f"Host: x\r\nAuthorization: {client.headers['Authorization']}\r\nContent-Length: 6000\r\n\r\n" + "x" * 5000
    waiting = {asyncio.create_task(answered(client, f"PUT /files/raw/{n} HTTP/1.1\r\n{head}")) for n in range(5)}
    refused: set[asyncio.Task[bytes]] = set()
    while len(refused) < 2:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        refused |= done
    assert {one.result()[:13] for one in refused} == {b"HTTP/1.1 429 "}
    answer = await client.put("one more", b"x")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    somebody_else = FileClient(client.http, client.origin, issuer.token())
    assert (await somebody_else.put("f", b"x")).status_code == 201
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(20):  # those that hung up have made room
        while (await client.put("one more", b"x")).status_code != 201:
            pass


async def test_bytes_that_waited_too_long_for_their_row_get_none(store: MinioObjectStore, leftovers: Leftovers) -> None:
    now = 0.0
    arrivals = Arrivals(store, good_for=100, clock=lambda: now)
    recorded = []

    async def record() -> None:
        recorded.append(now)

    async def upload(wait: float) -> None:
        nonlocal now
        async with arrivals.of(leftovers.somebody) as objects:
            await store.put(objects.new_key(), _once(b"x"))
            objects.stored()
            now += wait
            await objects.recorded(record())

    await upload(100)
    with pytest.raises(TookTooLong):
        await upload(101)
    assert len(recorded) == 1
    assert len(leftovers.objects()) == 1


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


@pytest.mark.parametrize("size", [10, 100_000, 5_000_000])
async def test_a_wrong_digest_leaves_nothing_however_often(ada: FileClient, leftovers: Leftovers, size: int) -> None:
    wrong = f"sha-256=:{base64.b64encode(sha256(b'other').digest()).decode()}:"
    answers = await asyncio.gather(*(ada.put(f"f{n}", bytes(size), Content_Digest=wrong) for n in range(10)))
    assert {answer.status_code for answer in answers} == {400}
    assert leftovers.objects() == set()


async def test_a_rename_does_not_undo_a_move(ada: FileClient) -> None:
    for number in range(15):
        file = (await ada.put(f"old{number}/a", b"x")).json()["id"]
        moved, renamed = await asyncio.gather(
            ada.post("/files/folders/move", {"source": f"old{number}", "destination": f"new{number}"}),
            ada.patch(f"/files/{file}", filename="b"),
        )
        assert (moved.status_code, renamed.status_code) == (200, 200)
        assert (await ada.get(f"/files/{file}")).json()["path"] == f"new{number}/b"


class Emptied(FaultyStore):
    """Everything is gone from it once the row has been read."""

    remove: Callable[[], Awaitable[object]]

    def get(self, key: str, *, start: int = 0, length: int | None = None) -> Any:
        return _Gone(self.remove)

    async def copy(self, source: str, target: str) -> None:
        await self.remove()
        raise ObjectMissing


class _Gone:
    def __init__(self, remove: Callable[[], Awaitable[object]]) -> None:
        self._remove = remove

    async def __aenter__(self) -> None:
        await self._remove()
        raise ObjectMissing

    async def __aexit__(self, *failure: object) -> None:
        pass


@pytest.mark.parametrize("way", ["download", "range", "copy"])
@pytest.mark.parametrize("removed", [True, False])
async def test_what_is_removed_under_a_reader_is_not_found_and_what_is_lost_is_our_fault(
    settings: FileSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    ada: FileClient,
    way: str,
    removed: bool,
) -> None:
    file = (await ada.put("f", b"content")).json()["id"]
    store = Emptied(0, "before")

    async def remove() -> None:
        if removed:
            await ada.delete(f"/files/{file}", permanent=True)

    store.remove = remove
    client = FileClient(ada.http, await serve(create_app(settings, around_store=store.around)), ada.token)
    if way == "copy":
        answer = await client.post(f"/files/{file}/copy", {"path": "g"})
    else:
        headers = {**client.headers, **({"Range": "bytes=1-2"} if way == "range" else {})}
        answer = await client.http.get(f"{client.origin}/files/{file}/download", headers=headers)
    assert answer.status_code == (404 if removed else 500)


@pytest.mark.parametrize("kind", ["text/plain\x0b;\x0ba=b", "text/plain\xa0;\xa0a=b", "text/plain\x1c;a=b"])
async def test_a_type_that_is_no_header_is_not_kept(ada: FileClient, kind: str) -> None:
    head = f'--XX\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: {kind}\r\n\r\n'
    sent = await ada.send(head.encode("latin-1") + b"hello\r\n--XX--\r\n", kind="multipart/form-data; boundary=XX")
    if sent.status_code == 201:
        answer = await ada.get(f"/files/{sent.json()['id']}/download")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain")
    else:
        assert sent.status_code == 400


async def test_a_head_of_many_tiny_fields_is_refused(ada: FileClient) -> None:
    line = await answered(ada, "GET /s/x HTTP/1.1\r\nHost: x\r\n" + "a:\r\n" * 4000 + "\r\n")
    assert line.startswith(b"HTTP/1.1 400 ")
    line = await answered(ada, "GET /s/x HTTP/1.1\r\nHost: x\r\n" + "a:\r\n" * 500 + "Connection: close\r\n\r\n")
    assert line.startswith(b"HTTP/1.1 404 ")


async def test_conditions_and_digests_count_on_every_line(ada: FileClient) -> None:
    await ada.put("f", b"x")
    head = f"Host: x\r\nAuthorization: {ada.headers['Authorization']}\r\nContent-Length: 1\r\n"
    line = await answered(ada, f'PUT /files/raw/f HTTP/1.1\r\n{head}If-None-Match: "x"\r\nIf-None-Match: *\r\n\r\nx')
    assert line.startswith(b"HTTP/1.1 412 ")
    digests = "Content-Digest: md5=:AAAA:\r\nContent-Digest: sha-256=:AAAA:\r\n"
    line = await answered(ada, f"PUT /files/raw/g HTTP/1.1\r\n{head}{digests}\r\nx")
    assert line.startswith(b"HTTP/1.1 400 ")


async def test_a_path_is_what_is_behind_the_prefix_however_that_is_spelled(ada: FileClient) -> None:
    head = (
        f"Host: x\r\nAuthorization: {ada.headers['Authorization']}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"
    )
    for target in ("/files/%72aw/enc.txt", "/files/%72aw/zzz/files/raw/enc.txt"):
        assert (await answered(ada, f"PUT {target} HTTP/1.1\r\n{head}")).startswith(b"HTTP/1.1 201 ")
    assert await ada.paths(sort="path") == ["enc.txt", "zzz/files/raw/enc.txt"]


@pytest.mark.parametrize("first", ["path", "file"])
async def test_the_name_of_a_part_does_not_count_where_there_is_a_path(ada: FileClient, first: str) -> None:
    path = b'--XX\r\nContent-Disposition: form-data; name="path"\r\n\r\nok.txt\r\n'
    file = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="/etc/passwd"\r\n\r\nx\r\n'
    body = (path + file if first == "path" else file + path) + b"--XX--\r\n"
    answer = await ada.send(body, kind="multipart/form-data; boundary=XX")
    assert (answer.status_code, answer.json()["path"]) == (201, "ok.txt")


@pytest.mark.parametrize("content", [b'{"a":"\\ud83d"}', '{"a": 1}'.encode("utf-16"), b'{"a":1}\n{"b":"\\ud800"}\n'])
async def test_what_is_inside_a_file_is_not_judged(ada: FileClient, content: bytes) -> None:
    answer = await ada.put("f.json", content, Content_Type="application/json")
    assert (answer.status_code, answer.json()["size"]) == (201, len(content))


async def test_nobody_is_redirected_to_a_host_of_their_choice(ada: FileClient) -> None:
    answer = await ada.http.get(f"{ada.origin}/files/", headers={**ada.headers, "Host": "evil.example"})
    assert answer.status_code == 404
