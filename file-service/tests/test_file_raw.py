"""Uploads as bare bodies: what `curl -T` sends, with conditions and digests."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from hashlib import sha256, sha512
from urllib.parse import quote, urlsplit

import pytest
from file_client import FileClient
from leftovers import Leftovers

MIB = 1024 * 1024


def slug(answer: object) -> str:
    return str(answer).rpartition(":")[2]


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    """Without a Content-Length."""
    for start in range(0, len(content), 100_000):
        yield content[start : start + 100_000]


@pytest.mark.parametrize("size", [0, 1, 9 * MIB])
@pytest.mark.parametrize("known", [True, False])
async def test_a_put_makes_a_file_and_another_a_new_version(ada: FileClient, size: int, known: bool) -> None:
    content = os.urandom(size)
    first = await ada.put("a/b.bin", content if known else pieces(content))
    assert first.status_code == 201
    assert first.json()["sha256"] == sha256(content).hexdigest()
    assert first.headers["etag"] == f'"{sha256(content).hexdigest()}"'
    second = await ada.put("a/b.bin", b"2")
    assert (second.status_code, second.json()["version"], second.json()["id"]) == (200, 2, first.json()["id"])
    assert (await ada.get(f"/files/{first.json()['id']}/download")).content == b"2"


@pytest.mark.parametrize("path", ["ünï/cødé 😀.txt", "a b/c+d&e=f.txt", "100%.txt", "semi;colon", "a?b#c", "%2e%2e"])
async def test_any_name_comes_through(ada: FileClient, path: str) -> None:
    answer = await ada.put(quote(path), b"x")
    assert answer.status_code == 201
    assert answer.json()["path"] == path


@pytest.mark.parametrize(
    "encoded", ["", "%2e%2e/x", "a/../b", "a//b", "/a", "a%00b", "a%0Ab", "a%5Cb", "%ff", "a/", "x" * 256, "%ED%A0%80"]
)
async def test_a_dangerous_path_is_refused(ada: FileClient, leftovers: Leftovers, encoded: str) -> None:
    address = urlsplit(ada.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(
        f"PUT /files/raw/{encoded} HTTP/1.1\r\nHost: x\r\nAuthorization: {ada.headers['Authorization']}\r\n"
        "Content-Length: 1\r\nConnection: close\r\n\r\nx".encode()
    )
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 422 "), answer[:300]
    assert b"problem-type:strongroom:invalid-path" in answer
    assert leftovers.objects() == set()


async def test_conditions_protect_what_is_there(ada: FileClient, leftovers: Leftovers) -> None:
    first = await ada.put("f", b"one", If_None_Match="*")
    assert first.status_code == 201
    etag = first.headers["etag"]
    for headers in (
        {"If_None_Match": "*"},
        {"If_Match": '"other"'},
        {"If_Match": f"W/{etag}"},
        {"If_None_Match": etag},
    ):
        refused = await ada.put("f", b"two", **headers)
        assert (refused.status_code, slug(refused.json()["type"])) == (412, "precondition-failed")
    assert (await ada.put("new", b"x", If_Match="*")).status_code == 412
    for headers in ({"If_Match": f'"other", {etag}'}, {"If_Match": "*"}):
        assert (await ada.put("f", b"one", **headers)).status_code == 200
    assert len(await leftovers.freed()) == 3


async def test_of_many_conditional_puts_at_once_one_succeeds(ada: FileClient, leftovers: Leftovers) -> None:
    answers = await asyncio.gather(*(ada.put("f", b"%d" % number, If_None_Match="*") for number in range(30)))
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 29
    (made,) = [answer.json() for answer in answers if answer.status_code == 201]
    etag = f'"{made["sha256"]}"'
    answers = await asyncio.gather(*(ada.put("f", b"v%d" % number, If_Match=etag) for number in range(30)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 29
    assert await leftovers.freed() == await leftovers.rows()
    assert (await ada.usage())[1] == 1


def digest(algorithm: str, content: bytes) -> str:
    value = {"sha-256": sha256, "sha-512": sha512}[algorithm](content).digest()
    return f"{algorithm}=:{base64.b64encode(value).decode()}:"


@pytest.mark.parametrize("field", ["Content_Digest", "Repr_Digest"])
@pytest.mark.parametrize("known", [True, False])
async def test_digests_are_checked_before_anything_is_kept(
    ada: FileClient, leftovers: Leftovers, field: str, known: bool
) -> None:
    content = os.urandom(9 * MIB)
    right = f"{digest('sha-256', content)}, {digest('sha-512', content)} , md5=:AAAA:"
    wrong = f"{digest('sha-256', content)}, {digest('sha-512', content + b'x')}"
    body = content if known else pieces(content)
    refused = await ada.put("f", body, **{field: wrong})
    assert (refused.status_code, slug(refused.json()["type"])) == (400, "digest-mismatch")
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []
    assert (await ada.put("f", content if known else pieces(content), **{field: right})).status_code == 201


@pytest.mark.parametrize(
    "value", ["sha-256", "sha-256=x", "sha-256=:%%:", "sha-256=:AAA:", "=:AAAA:", "a=:AAAA:;", "a=1"]
)
async def test_a_malformed_digest_is_refused(ada: FileClient, value: str) -> None:
    refused = await ada.put("f", b"x", Content_Digest=value)
    assert (refused.status_code, slug(refused.json()["type"])) == (400, "malformed-digest")


async def test_parts_and_codings_are_not_taken_for_the_file(ada: FileClient, leftovers: Leftovers) -> None:
    assert (await ada.put("f", b"x", Content_Range="bytes 0-0/2")).status_code == 400
    assert (await ada.put("f", b"x", Content_Encoding="gzip")).status_code == 415
    assert leftovers.objects() == set()
    assert (await ada.put("f", b"x", Content_Encoding="identity")).status_code == 201


async def test_a_body_over_the_limit_is_refused(ada: FileClient, leftovers: Leftovers) -> None:
    content = b"x" * (20 * MIB + 1)
    for body in (content, pieces(content)):
        refused = await ada.put("f", body)
        assert (refused.status_code, slug(refused.json()["type"])) == (413, "file-too-large")
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []


async def test_the_content_of_a_file_is_put_by_its_id(ada: FileClient) -> None:
    file = (await ada.put("a/b.txt", b"one")).json()
    answer = await ada.put(file["id"], b"two", "/files/content/", If_Match=f'"{file["sha256"]}"')
    assert answer.status_code == 200
    assert (answer.json()["path"], answer.json()["version"]) == ("a/b.txt", 2)
    assert (await ada.put(file["id"], b"3", "/files/content/", If_Match=f'"{file["sha256"]}"')).status_code == 412
    await ada.delete(f"/files/{file['id']}")
    assert (await ada.put(file["id"], b"3", "/files/content/")).status_code == 404
