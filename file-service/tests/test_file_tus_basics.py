"""Resumable uploads: every verb keeps to tus 1.0, and what is sent in pieces is a file in the end."""

import os
import random
from collections.abc import AsyncIterator, Callable
from hashlib import sha256

import pytest
from file_client import FileClient
from leftovers import Leftovers
from tus_client import TUS, TusClient, encoded, slug

from file_service.settings import FileSettings

MIB = 1024 * 1024
PART = 8 * MIB


async def test_options_tells_what_is_spoken_here_without_a_token(tus: TusClient) -> None:
    for path in ("/files/uploads", "/files/uploads/any"):
        answer = await tus.files.http.options(tus.origin + path)
        assert answer.status_code == 204
        assert answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(20 * MIB)
        assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256,md5"
        assert answer.headers["tus-extension"] == (
            "creation,creation-with-upload,creation-defer-length,checksum,concatenation,expiration,termination"
        )


@pytest.mark.parametrize("version", [None, "", "0.2.2", "1.0.1", "1.0.0, 2.0.0"])
async def test_another_version_is_refused_and_ours_is_told(tus: TusClient, version: str | None) -> None:
    path = await tus.created(3)
    headers = {**tus.files.headers, **({} if version is None else {"Tus-Resumable": version})}
    for method, where in (("POST", "/files/uploads"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
        answer = await tus.files.http.request(method, tus.origin + where, headers=headers)
        assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")
        assert answer.headers["tus-resumable"] == "1.0.0"
    assert await tus.offset(path) == 0


async def test_its_address_is_where_the_client_found_the_door(tus: TusClient, settings: FileSettings) -> None:
    told = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "[::1]:8443", "X_Forwarded_Prefix": "/vault"}
    behind = (await tus.create(1, "x", None, **told)).headers["location"]
    assert behind.startswith("https://[::1]:8443/vault/files/uploads/")
    assert await tus.offset(behind.removeprefix("https://[::1]:8443/vault")) == 0
    del told["X_Forwarded_Host"]
    location = (await tus.create(1, "x", None, **told)).headers["location"]
    assert location.startswith(f"{settings.public_url}/files/uploads/")


async def test_an_upload_in_pieces_becomes_a_file(tus: TusClient, settings: FileSettings, leftovers: Leftovers) -> None:
    answer = await tus.create(11, Upload_Metadata=encoded(filename="x.txt", path="a/b.txt", filetype="text/plain"))
    assert answer.status_code == 201
    location = answer.headers["location"]
    assert location.startswith(f"{settings.public_url}/files/uploads/")
    assert answer.headers["upload-expires"].endswith(" GMT")
    path = location.removeprefix(settings.public_url)
    for offset, piece in ((0, b"hello"), (5, b" "), (6, b"")):
        sent = await tus.patch(path, offset, piece)
        assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(offset + len(piece)))
        assert sent.headers["upload-expires"].endswith(" GMT")
    told = await tus.head(path)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["upload-offset"] == "6"
    assert told.headers["upload-length"] == "11"
    assert told.headers["cache-control"] == "no-store"
    assert "upload-defer-length" not in told.headers
    assert told.headers["upload-metadata"] == encoded(filename="x.txt", path="a/b.txt", filetype="text/plain")
    last = await tus.patch(path, 6, b"world")
    assert (last.status_code, last.headers["upload-offset"]) == (204, "11")
    await tus.has_file("a/b.txt", b"hello world")
    file = (await tus.files.get(f"/files/{last.headers['strongroom-file']}")).json()
    assert (file["content_type"], file["version"]) == ("text/plain", 1)
    assert await tus.files.usage() == (11, 1)
    assert await leftovers.freed() == await leftovers.rows()


async def test_a_client_that_missed_the_last_answer_learns_that_it_is_done(tus: TusClient) -> None:
    path = await tus.created(3)
    done = await tus.patch(path, 0, b"abc")
    told = await tus.head(path)
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == ("3", "3")
    assert told.headers["strongroom-file"] == done.headers["strongroom-file"]
    assert (await tus.patch(path, 3, b"")).status_code == 204
    assert (await tus.patch(path, 0, b"abc")).status_code == 409
    assert (await tus.patch(path, 3, b"d")).status_code == 413
    assert await tus.files.usage() == (3, 1)


@pytest.mark.parametrize("size", [1, MIB, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 12345])
@pytest.mark.parametrize("piece", [20 * MIB, 3 * MIB])
async def test_any_size_in_any_pieces(tus: TusClient, leftovers: Leftovers, size: int, piece: int) -> None:
    content = os.urandom(size)
    path = await tus.created(size, "x")
    for start in range(0, size, piece):
        assert (await tus.patch(path, start, content[start : start + piece])).status_code == 204
    await tus.has_file("x", content)
    assert await leftovers.freed() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


async def test_an_empty_upload_is_a_file_at_once(tus: TusClient, leftovers: Leftovers) -> None:
    answer = await tus.create(0, "empty.txt")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "0")
    await tus.has_file("empty.txt", b"")
    assert await leftovers.freed() == await leftovers.rows()


async def test_an_upload_to_a_taken_path_is_a_new_version(tus: TusClient) -> None:
    await tus.files.put("x", b"old")
    await tus.patch(await tus.created(3, "x"), 0, b"new")
    (file,) = (await tus.files.get("/files")).json()["items"]
    assert (file["version"], file["sha256"]) == (2, sha256(b"new").hexdigest())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "application/octet-stream"}, 415),
        ({"Content_Type": ""}, 415),
        ({"Content_Type": "application/json"}, 415),
        ({"Upload_Offset": "1"}, 409),
        ({"Upload_Offset": "3"}, 409),
        ({"Upload_Offset": "-1"}, 400),
        ({"Upload_Offset": ""}, 400),
        ({"Upload_Offset": "0x0"}, 400),
        ({"Upload_Offset": "1" * 400}, 400),
        ({"Upload_Offset": "\u0660"}, 400),
        ({"Upload_Length": "4"}, 409),
        ({"Upload_Length": "x"}, 400),
    ],
)
async def test_a_wrong_patch_changes_nothing(tus: TusClient, headers: dict[str, str], status: int) -> None:
    path = await tus.created(3)
    answer = await tus.patch(path, 0, b"abc", **headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert await tus.offset(path) == 0
    assert (await tus.patch(path, 0, b"abc")).status_code == 204


async def test_a_patch_without_an_offset_or_with_two_is_refused(tus: TusClient) -> None:
    path = await tus.created(3)
    stream = ("Content-Type", "application/offset+octet-stream")
    for offsets in ([], [("Upload-Offset", "0"), ("Upload-Offset", "1")]):
        headers = [*tus.headers.items(), stream, *offsets]
        answer = await tus.files.http.patch(tus.origin + path, content=b"abc", headers=headers)
        assert (answer.status_code, slug(answer)) == (400, "malformed-header")
    assert await tus.offset(path) == 0


@pytest.mark.parametrize("known", [True, False])
async def test_more_bytes_than_announced_are_refused(tus: TusClient, leftovers: Leftovers, known: bool) -> None:
    async def chunked() -> AsyncIterator[bytes]:
        yield b"abcd"

    path = await tus.created(3)
    answer = await tus.patch(path, 0, b"abcd" if known else chunked())
    assert (answer.status_code, slug(answer)) == (413, "file-too-large")
    assert await tus.offset(path) == 0
    assert leftovers.objects() == set()


async def test_larger_than_allowed_is_refused_before_a_byte_comes(tus: TusClient) -> None:
    answer = await tus.create(20 * MIB + 1)
    assert (answer.status_code, slug(answer)) == (413, "file-too-large")
    assert (await tus.create(20 * MIB)).status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload_Length": ""},
        {"Upload_Length": "-1"},
        {"Upload_Length": "1.5"},
        {"Upload_Length": "9" * 30},
        {"Upload_Length": "1", "Upload_Defer_Length": "1"},
        {"Upload_Defer_Length": "0"},
        {"Upload_Defer_Length": "true"},
        {"Upload_Length": "1", "Upload_Concat": "Partial"},
        {"Upload_Length": "1", "Upload_Concat": ""},
        {"Upload_Concat": "final;"},
        {"Upload_Concat": "final"},
    ],
)
async def test_a_creation_that_makes_no_sense_is_refused(tus: TusClient, headers: dict[str, str]) -> None:
    answer = await tus.create(-1, "f", None, **headers)
    assert (answer.status_code, slug(answer)) == (400, "malformed-header")


async def test_someone_elses_upload_is_not_found_on_every_verb(
    tus: TusClient, client_of: Callable[..., FileClient]
) -> None:
    path = await tus.created(3)
    eve = TusClient(client_of())
    answers = [await eve.head(path), await eve.patch(path, 0, b"abc"), await eve.ask("DELETE", path)]
    for nothing in ("/files/uploads/00000000-0000-7000-8000-000000000000", "/files/uploads/x", "/files/uploads/%00"):
        answers += [await tus.head(nothing), await tus.patch(nothing, 0, b"abc"), await tus.ask("DELETE", nothing)]
    for answer in answers:
        assert (answer.status_code, answer.headers["tus-resumable"]) == (404, "1.0.0")
    assert slug(answers[1]) == slug(answers[4]) == "upload-not-found"
    assert await tus.offset(path) == 0


@pytest.mark.parametrize("scope", ["files:read", ""])
async def test_without_a_token_or_with_too_small_a_scope_nothing_is_done(
    tus: TusClient, client_of: Callable[..., FileClient], scope: str
) -> None:
    path = await tus.created(3)
    reader = TusClient(client_of(scope=scope, sub=tus.files.account))
    for method, where in (("POST", "/files/uploads"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
        nobody = await tus.files.http.request(method, tus.origin + where, headers=TUS)
        assert (nobody.status_code, nobody.headers["tus-resumable"]) == (401, "1.0.0")
        assert (await reader.ask(method, where)).status_code == 403
    assert await tus.offset(path) == 0


async def test_get_and_put_are_no_verbs_of_an_upload(tus: TusClient) -> None:
    path = await tus.created(3)
    for method in ("GET", "PUT", "POST"):
        assert (await tus.ask(method, path)).status_code == 405


async def test_the_method_can_stand_in_a_header(tus: TusClient) -> None:
    path = await tus.created(3)
    headers = {"Upload_Offset": "0", "Content_Type": "application/offset+octet-stream"}
    sent = await tus.ask("POST", path, b"abc", X_HTTP_Method_Override="PATCH", **headers)
    assert sent.status_code == 204
    await tus.has_file("f", b"abc")
    other = await tus.created(3)
    assert (await tus.ask("POST", other, X_HTTP_Method_Override="DELETE")).status_code == 204
    assert (await tus.head(other)).status_code == 404


@pytest.mark.parametrize("size", [0, 3, PART + 5])
async def test_the_first_bytes_may_come_with_the_creation(tus: TusClient, leftovers: Leftovers, size: int) -> None:
    content = os.urandom(size + 4)
    answer = await tus.create(size + 4, "x", content[:size])
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(size))
    path = answer.headers["location"].partition("/files/")[2]
    assert (await tus.patch(f"/files/{path}", size, content[size:])).status_code == 204
    await tus.has_file("x", content)
    whole = await tus.create(size + 4, "y", content)
    assert whole.status_code == 201
    await tus.has_file("y", content)
    assert await leftovers.freed() == await leftovers.rows()


async def test_a_creation_whose_bytes_are_refused_leaves_nothing(tus: TusClient, leftovers: Leftovers) -> None:
    for headers, status in (
        ({"Content_Type": "text/plain"}, 415),
        ({"Upload_Checksum": "sha1 AAAA"}, 460),
        ({"Upload_Checksum": "crc32 AAAA"}, 400),
    ):
        assert (await tus.create(3, "x", b"abc", **headers)).status_code == status
    assert (await tus.create(2, "x", b"abc")).status_code == 413
    assert await leftovers.freed() == set()
    assert await leftovers.uploads() == 0


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("size", [0, 3, PART, PART + 5])
async def test_the_length_may_be_told_later(tus: TusClient, leftovers: Leftovers, size: int, early: bool) -> None:
    content = os.urandom(size)
    path = await tus.created(None, "x")
    told = await tus.head(path)
    assert told.headers["upload-defer-length"] == "1"
    assert "upload-length" not in told.headers
    if early:
        assert (await tus.patch(path, 0, b"", Upload_Length=str(size))).status_code == 204
        assert (await tus.head(path)).headers["upload-length"] == str(size)
    assert (await tus.patch(path, 0, content)).status_code == 204
    if not early:
        assert (await tus.files.get("/files")).json()["items"] == []
        if size:
            assert (await tus.patch(path, size, b"", Upload_Length=str(size - 1))).status_code == 409
        assert (await tus.patch(path, size, b"", Upload_Length=str(size))).status_code == 204
    await tus.has_file("x", content)
    assert await leftovers.freed() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


async def test_an_unknown_length_has_the_limits_of_any_file(tus: TusClient) -> None:
    path = await tus.created(None)
    assert (await tus.patch(path, 0, bytes(20 * MIB + 1))).status_code == 413
    assert (await tus.patch(path, 0, b"", Upload_Length=str(20 * MIB + 1))).status_code == 413
    assert await tus.offset(path) == 0


@pytest.mark.parametrize("seed", range(3))
async def test_termination_frees_everything(tus: TusClient, leftovers: Leftovers, seed: int) -> None:
    size = random.Random(seed).choice([5, PART + 5, 2 * PART])
    path = await tus.created(20 * MIB)
    await tus.patch(path, 0, bytes(size))
    assert leftovers.objects() or leftovers.unfinished_uploads()
    assert (await tus.ask("DELETE", path)).status_code == 204
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []
    for answer in (await tus.head(path), await tus.patch(path, 0, b"x"), await tus.ask("DELETE", path)):
        assert answer.status_code == 404


async def test_termination_of_what_has_become_a_file_leaves_the_file(tus: TusClient) -> None:
    path = await tus.created(3)
    await tus.patch(path, 0, b"abc")
    assert (await tus.ask("DELETE", path)).status_code == 204
    await tus.has_file("f", b"abc")
