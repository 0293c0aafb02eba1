"""Uploads: what arrives is what is stored, and what is refused leaves nothing behind."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp, Receive, Scope, Send

from file_service.app import create_app
from file_service.settings import FileSettings
from strongroom.testing import TestIssuer

MIB = 1024 * 1024
FORM = "multipart/form-data; boundary=XX"


def form(content: bytes, filename: str = "f.bin", name: str = "file") -> bytes:
    head = f'--XX\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n\r\n'
    return head.encode() + content + b"\r\n--XX--\r\n"


async def test_an_upload_is_told_back(ada: FileClient) -> None:
    answer = await ada.upload(b"hello", "notes.txt")
    assert answer.status_code == 201
    file = answer.json()
    assert UUID(file["id"]).version == 7
    assert file == {
        "id": file["id"],
        "filename": "notes.txt",
        "path": "notes.txt",
        "size": 5,
        "content_type": "text/plain",
        "sha256": sha256(b"hello").hexdigest(),
        "version": 1,
        "tags": [],
        "metadata": {},
        "created_at": file["created_at"],
        "updated_at": file["created_at"],
    }


@pytest.mark.parametrize("size", [0, 1, 8 * MIB - 1, 8 * MIB, 17 * MIB])
async def test_bytes_come_back_as_they_went(ada: FileClient, size: int) -> None:
    content = os.urandom(size)
    file = (await ada.upload(content, "blob")).json()
    assert (file["size"], file["sha256"]) == (size, sha256(content).hexdigest())
    back = await ada.get(f"/files/{file['id']}/download")
    assert back.status_code == 200
    assert back.content == content
    assert back.headers["content-length"] == str(size)
    assert back.headers["etag"] == f'"{file["sha256"]}"'


async def test_a_path_puts_the_file_into_a_folder(ada: FileClient) -> None:
    file = (await ada.upload(b"x", "q3.pdf", path="reports/2026/q3.pdf")).json()
    assert (file["path"], file["filename"]) == ("reports/2026/q3.pdf", "q3.pdf")


async def test_a_path_counts_wherever_it_stands_in_the_form(ada: FileClient) -> None:
    path = b'--XX\r\nContent-Disposition: form-data; name="path"\r\n\r\na/b\r\n'
    before = await ada.send(path + form(b"1"), kind=FORM)
    after = await ada.send(form(b"2").removesuffix(b"--XX--\r\n") + path + b"--XX--\r\n", kind=FORM)
    assert before.json()["path"] == after.json()["path"] == "a/b"
    assert after.json()["version"] == 2


async def test_a_second_upload_to_a_path_is_a_new_version(ada: FileClient) -> None:
    first = (await ada.upload(b"one")).json()
    second = (await ada.upload(b"two!")).json()
    assert second["id"] == first["id"]
    assert (first["version"], second["version"]) == (1, 2)
    assert (await ada.get(f"/files/{first['id']}/download")).content == b"two!"


async def test_uploads_to_one_path_at_once_become_versions_of_one_file(ada: FileClient) -> None:
    answers = await asyncio.gather(*(ada.upload(b"x" * size) for size in range(10)))
    assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
    assert sorted(answer.json()["version"] for answer in answers) == list(range(1, 11))


async def test_several_files_are_told_back_in_their_order(ada: FileClient) -> None:
    answer = await ada.upload_several(("b.txt", b"1"), ("a.txt", b"22"), ("c/d.txt", b"333"))
    assert answer.status_code == 201
    body = answer.json()
    assert body["file_count"] == 3
    assert [(file["path"], file["size"]) for file in body["files"]] == [("b.txt", 1), ("a.txt", 2), ("c/d.txt", 3)]


async def test_several_files_are_stored_together_or_not_at_all(ada: FileClient, leftovers: Leftovers) -> None:
    for bad in (("../x", b"3"), ("a.txt", b"3"), ("big", b"x" * (21 * MIB))):
        answer = await ada.upload_several(("a.txt", b"1"), ("b.txt", b"2"), bad)
        assert answer.status_code in {422, 413}
    many = await ada.upload_several(*((f"{number}.txt", b"x") for number in range(21)))
    assert many.status_code == 413
    assert leftovers.objects() == set()
    assert await leftovers.rows() == set()


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"--XX--\r\n", 422, "file-missing"),
        (form(b"x", name="other"), 422, "file-missing"),
        (b'--XX\r\nContent-Disposition: form-data; name="file"\r\n\r\nno filename\r\n--XX--\r\n', 422, "file-missing"),
        (form(b"x", filename=""), 422, "invalid-path"),
        (form(b"x", filename="../../etc/passwd"), 422, "invalid-path"),
        (form(b"x", filename="/etc/passwd"), 422, "invalid-path"),
        (form(b"x", filename="a/../../b"), 422, "invalid-path"),
        (form(b"x")[:-12], 400, "malformed-form"),
        (form(b"x" * 500_000)[:200_000], 400, "malformed-form"),
        (b"garbage", 400, "malformed-form"),
        (form(b"x" * (20 * MIB + 1)), 413, "file-too-large"),
        (form(b"x").removesuffix(b"--XX--\r\n") + form(b"y", filename="g"), 413, "form-too-large"),
        (
            b'--XX\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n' * 10_000 + form(b"x"),
            413,
            "form-too-large",
        ),
    ],
)
async def test_a_bad_form_is_refused_and_nothing_is_stored(
    ada: FileClient, leftovers: Leftovers, body: bytes, status: int, slug: str
) -> None:
    answer = await ada.send(body, kind=FORM)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:problem-type:strongroom:{slug}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []
    assert await leftovers.rows() == set()


async def test_nul_in_a_name_is_refused(ada: FileClient, leftovers: Leftovers) -> None:
    for answer in (await ada.send(form(b"x", filename="a\0b"), kind=FORM), await ada.upload(b"x", path="a\0b")):
        assert answer.status_code in {400, 422}
    assert leftovers.objects() == set()


async def test_what_is_not_a_form_is_a_415(ada: FileClient) -> None:
    assert (await ada.send(b"{}", kind="application/json")).status_code == 415


async def test_a_declared_length_over_the_limit_is_refused_before_the_body(ada: FileClient) -> None:
    address = urlsplit(ada.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: {ada.headers['Authorization']}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {10**12}\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(20):
        answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    writer.close()


async def test_an_undeclared_length_over_the_limit_is_refused_half_way(ada: FileClient, leftovers: Leftovers) -> None:
    address = urlsplit(ada.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: {ada.headers['Authorization']}\r\n"
        f"Content-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    )
    answer = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
    start = form(b"").removesuffix(b"\r\n--XX--\r\n")
    sent = 0
    async with asyncio.timeout(30):
        while not answer.done():
            piece = start if sent == 0 else b"x" * MIB
            sent += len(piece)
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
    assert answer.result().startswith(b"HTTP/1.1 413 ")
    assert sent < 40 * MIB
    writer.close()
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize("size", [1000, 3 * MIB, 12 * MIB])
async def test_a_client_that_goes_away_half_way_leaves_nothing(
    settings: FileSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    issuer: TestIssuer,
    leftovers: Leftovers,
    size: int,
) -> None:
    app = create_app(settings)
    over = asyncio.Event()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                over.set()

    address = urlsplit(await serve(watched))
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST /files/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {issuer.token()}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {20 * MIB}\r\n\r\n"
    )
    writer.write(head.encode() + form(os.urandom(size)).removesuffix(b"\r\n--XX--\r\n"))
    await writer.drain()
    writer.transport.abort()
    async with asyncio.timeout(20):
        await over.wait()
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []
    assert await leftovers.rows() == set()


@pytest.mark.parametrize("token", [None, "garbage"])
async def test_nobody_uploads_without_a_token(ada: FileClient, leftovers: Leftovers, token: str | None) -> None:
    stranger = FileClient(ada.http, ada.origin, token)
    assert (await stranger.upload(b"x" * 100_000)).status_code == 401
    assert leftovers.objects() == set()


async def test_a_token_to_read_is_not_one_to_write(client_of: Callable[..., FileClient], leftovers: Leftovers) -> None:
    reader = client_of(scope="files:read")
    for answer in (await reader.upload(b"x"), await reader.upload_several(("a", b"x"))):
        assert answer.status_code == 403
        assert 'scope="files:write"' in answer.headers["www-authenticate"]
    assert leftovers.objects() == set()
