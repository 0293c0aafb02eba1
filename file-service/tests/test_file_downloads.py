"""Downloads: every byte, to whoever may have it, and nothing left open when a client goes."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest
from file_client import FileClient
from leftovers import Leftovers
from minio import Minio
from starlette.types import ASGIApp
from store_tap import StoreTap
from test_file_ranges import parts_of

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom.testing import TestIssuer
from strongroom_embedded.seaweed import EmbeddedSeaweed

MIB = 1024 * 1024
BIG = 16 * MIB  # more than all the buffers on the way hold
CONNECTIONS = 50
EACH_TIME_ANOTHER = {"date", "x-request-id"}


@pytest.fixture
async def tap(object_server: EmbeddedSeaweed) -> AsyncIterator[StoreTap]:
    async with StoreTap(object_server.endpoint).listening() as listening:
        yield listening


@pytest.fixture
async def tapped(
    tap: StoreTap,
    settings: FileSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    http: httpx2.AsyncClient,
    issuer: TestIssuer,
) -> FileClient:
    """A client of a service that reaches its store through the tap."""
    through_tap = settings.model_copy(update={"s3_endpoint": tap.endpoint, "s3_connections": CONNECTIONS})
    return FileClient(http, await serve(create_app(through_tap)), issuer.token())


def told(answer: httpx2.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in EACH_TIME_ANOTHER}


@pytest.mark.parametrize("size", [0, 1, 3 * MIB])
async def test_a_head_says_what_a_get_says(ada: FileClient, size: int) -> None:
    file = (await ada.upload(os.urandom(size), "a.bin")).json()
    for disposition in ("attachment", "inline"):
        head = await ada.download(file["id"], "HEAD", disposition=disposition)
        get = await ada.download(file["id"], disposition=disposition)
        assert (head.status_code, get.status_code) == (200, 200)
        assert told(head) == told(get)
        assert (len(head.content), len(get.content)) == (0, size)
    ranged = await ada.download(file["id"], "HEAD", {"Range": "bytes=0-0"})
    assert (ranged.status_code, told(ranged)) == (200, told(await ada.download(file["id"])))


async def test_the_headers_describe_the_bytes(ada: FileClient) -> None:
    file = (await ada.upload(b"hello", "a.txt")).json()
    answer = await ada.download(file["id"])
    created = parsedate_to_datetime(answer.headers["last-modified"])
    assert created.isoformat()[:19] == file["created_at"][:19]
    assert told(answer) == {
        "accept-ranges": "bytes",
        "cache-control": "private, no-cache",
        "content-disposition": 'attachment; filename="a.txt"',
        "content-length": "5",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "content-type": "text/plain",
        "cross-origin-resource-policy": "same-origin",
        "etag": f'"{sha256(b"hello").hexdigest()}"',
        "last-modified": answer.headers["last-modified"],
        "referrer-policy": "no-referrer",
        "repr-digest": "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:",
        "x-content-type-options": "nosniff",
    }
    part = await ada.download(file["id"], headers={"Range": "bytes=1-2"})
    assert part.headers["repr-digest"] == answer.headers["repr-digest"]  # of the whole, whatever was sent of it


async def test_every_version_can_be_had_and_no_other(ada: FileClient) -> None:
    await ada.upload(b"one", "a")
    file_id = (await ada.upload(b"two!", "a")).json()["id"]
    assert [(await ada.download(file_id, version=number)).content for number in (1, 2)] == [b"one", b"two!"]
    assert (await ada.download(file_id)).content == b"two!"
    part = await ada.download(file_id, headers={"Range": "bytes=1-"}, version=1)
    assert (part.status_code, part.content) == (206, b"ne")
    absent = await ada.download(file_id, version=3)
    assert (absent.status_code, absent.json()["type"]) == (404, "urn:problem-type:strongroom:version-not-found")
    for wrong in (0, -1, 2**31, "x"):
        assert (await ada.download(file_id, version=wrong)).status_code == 422
    assert (await ada.download(file_id, disposition="other")).status_code == 422


@pytest.mark.parametrize("condition", [{}, {"If-None-Match": "*"}, {"If-Match": "*"}, {"Range": "bytes=0-0"}])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_nothing_is_told_of_somebody_elses_file(
    client_of: Callable[..., FileClient], method: str, condition: dict[str, str]
) -> None:
    ada, eve = client_of(), client_of()
    file_id = (await ada.upload(b"secret")).json()["id"]
    theirs = await eve.download(file_id, method, condition)
    absent = await eve.download(str(uuid4()), method, condition)
    assert theirs.status_code == absent.status_code == 404
    assert theirs.content == absent.content
    assert told(theirs) == told(absent)
    assert (await FileClient(ada.http, ada.origin, None).download(file_id, method, condition)).status_code == 401


async def test_the_trash_is_not_downloaded_from(ada: FileClient) -> None:
    file_id = (await ada.upload(b"x")).json()["id"]
    await ada.delete(f"/files/{file_id}")
    assert (await ada.download(file_id)).status_code == 404


async def test_only_bytes_ask_the_store_and_each_part_once(tapped: FileClient, tap: StoreTap) -> None:
    file_id = (await tapped.upload(bytes(1000))).json()["id"]
    etag = (await tapped.download(file_id, "HEAD")).headers["etag"]
    assert (await tapped.download(file_id, headers={"If-None-Match": etag})).status_code == 304
    assert (await tapped.download(file_id, headers={"If-Match": '"x"'})).status_code == 412
    assert (await tapped.download(file_id, headers={"Range": "bytes=1000-"})).status_code == 416
    assert tap.requests == 0
    for header, expected in (("", 1), ("bytes=0-9", 1), ("bytes=0-9,20-29,40-49", 3), ("bytes=0-9,5-19,20-29", 1)):
        before = tap.requests
        assert (await tapped.download(file_id, headers={"Range": header})).is_success
        assert tap.requests - before == expected


async def test_what_needs_no_bytes_is_answered_without_a_store(
    ada: FileClient, settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]]
) -> None:
    file_id = (await ada.upload(b"hello")).json()["id"]
    etag = (await ada.download(file_id)).headers["etag"]
    ada.origin = await serve(create_app(settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:1"})))
    assert (await ada.download(file_id, "HEAD")).status_code == 200
    assert (await ada.download(file_id, headers={"If-None-Match": etag})).status_code == 304
    assert (await ada.download(file_id, headers={"If-Match": '"x"'})).status_code == 412
    assert (await ada.download(file_id, headers={"Range": "bytes=9-"})).status_code == 416
    for header in ("", "bytes=0-1", "bytes=0-0,2-2"):
        refused = await ada.download(file_id, headers={"Range": header})
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:problem-type:strongroom:store-unavailable")


async def test_missing_bytes_are_a_500_and_never_half_a_200(
    ada: FileClient, leftovers: Leftovers, s3: Minio, bucket_name: str
) -> None:
    file_id = (await ada.upload(b"hello")).json()["id"]
    (key,) = leftovers.objects()
    s3.remove_object(bucket_name=bucket_name, object_name=key)
    for header in ("", "bytes=0-1", "bytes=0-0,2-2"):
        answer = await ada.download(file_id, headers={"Range": header})
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:problem-type:strongroom:object-missing")
        assert "etag" not in answer.headers


async def test_old_bytes_stay_whole_while_a_new_version_comes(ada: FileClient) -> None:
    old, new = os.urandom(BIG), os.urandom(MIB)
    file_id = (await ada.upload(old, "a")).json()["id"]
    url = f"{ada.origin}/files/{file_id}/download"
    ready, replaced = asyncio.Semaphore(0), asyncio.Event()

    async def read(header: str) -> bytes:
        async with ada.http.stream("GET", url, headers=ada.headers | {"Range": header}) as answer:
            ready.release()
            await replaced.wait()
            body = b"".join([chunk async for chunk in answer.aiter_raw()])
        if "content-range" in answer.headers:
            return body
        return b"".join(part for _, part in parts_of(body, answer.headers["content-type"]))

    readers = [asyncio.create_task(read(header)) for header in ("bytes=0-", f"bytes=0-{BIG // 2},-5", "bytes=0-") * 2]
    for _ in readers:
        await ready.acquire()
    await ada.upload(new, "a")
    replaced.set()
    assert await asyncio.gather(*readers) == [old, old[: BIG // 2 + 1] + old[-5:], old] * 2
    assert (await ada.download(file_id)).content == new


async def test_what_comes_always_fits_its_own_tag(ada: FileClient) -> None:
    file_id = (await ada.upload(b"0", "a")).json()["id"]
    over = asyncio.Event()

    async def read() -> int:
        count = 0
        while not over.is_set():
            answer = await ada.download(file_id)
            assert answer.headers["etag"] == f'"{sha256(answer.content).hexdigest()}"'
            count += 1
        return count

    readers = [asyncio.create_task(read()) for _ in range(4)]
    for _ in range(20):
        await ada.upload(os.urandom(100_000), "a")
    over.set()
    assert all(await asyncio.gather(*readers))


@pytest.mark.parametrize(
    ("header", "after_head"),
    [("", True), ("bytes=1-", True), (f"bytes=0-{BIG - 9},-2", True), (f"bytes=0-{BIG - 9},-2", False)],
)
async def test_clients_that_go_leave_no_connection_to_the_store(
    tapped: FileClient, tap: StoreTap, header: str, after_head: bool
) -> None:
    content = os.urandom(BIG)
    file_id = (await tapped.upload(content, "a")).json()["id"]
    address = urlsplit(tapped.origin)
    request = (
        f"GET /files/{file_id}/download HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {tapped.headers['Authorization']}\r\nRange: {header}\r\n\r\n"
    ).encode()

    async def come_and_go() -> None:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(request)
        if after_head:
            assert b"\r\n" in await reader.readuntil(b"\r\n\r\n")
        else:
            await asyncio.sleep(0)
        writer.transport.abort()

    async with asyncio.timeout(60):
        for _ in range(3):  # in three rounds more than there are connections
            await asyncio.gather(*(come_and_go() for _ in range(20)))
    assert (await tapped.download(file_id)).content == content
    async with asyncio.timeout(20):
        while tap.open_connections > 5:  # noqa: ASYNC110 - nobody tells; some are kept for the next request
            await asyncio.sleep(0.01)


async def test_curl_resumes(ada: FileClient, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        print("curl is not on this machine")
        pytest.skip("curl is not on this machine")
    content = os.urandom(3 * MIB)
    file_id = (await ada.upload(content, "a")).json()["id"]
    target = tmp_path / "a"
    target.write_bytes(content[:MIB])
    for had in (MIB, 3 * MIB):
        process = await asyncio.create_subprocess_exec(
            curl, "-sS", "-C", "-", "-o", target, "-w", "%{http_code} %{size_download}",
            "-H", f"Authorization: {ada.headers['Authorization']}", f"{ada.origin}/files/{file_id}/download",
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode == 0
        if had < len(content):
            assert output.decode() == f"206 {len(content) - had}"
        assert target.read_bytes() == content


async def test_the_documentation_tells_of_ranges_and_conditions(ada: FileClient) -> None:
    operations = (await ada.get("/openapi.json")).json()["paths"]["/files/{file_id}/download"]
    assert set(operations) == {"get", "head"}
    assert operations["get"]["operationId"] != operations["head"]["operationId"]
    asked = {parameter["name"] for parameter in operations["get"]["parameters"]}
    conditions = {"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}
    assert asked == conditions | {"file_id", "version", "disposition", "Range", "If-Range"}
    assert {parameter["name"] for parameter in operations["head"]["parameters"]} == asked - {"Range", "If-Range"}
    answers = operations["get"]["responses"]
    assert set(answers) >= {"200", "206", "304", "404", "412", "416"}
    assert set(answers["206"]["headers"]) >= {"ETag", "Last-Modified", "Content-Range", "Repr-Digest"}
    assert "Content-Range" in answers["416"]["headers"]
    assert "application/json" not in answers["200"]["content"]
