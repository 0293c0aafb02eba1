"""The checksum of a request: what does not have it is not kept."""

import base64
import hashlib
import os

import pytest
from leftovers import Leftovers
from tus_client import TusClient, slug

MIB = 1024 * 1024
PART = 8 * MIB


def checksum(algorithm: str, content: bytes) -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
@pytest.mark.parametrize("size", [0, 5, PART, PART + 5, 2 * PART + 5])
async def test_a_wrong_checksum_keeps_the_offset_and_a_right_one_is_taken(
    tus: TusClient, leftovers: Leftovers, algorithm: str, size: int
) -> None:
    content = os.urandom(size + 10)
    path = await tus.created(size + 10, "x")
    assert (await tus.patch(path, 0, content[:10])).status_code == 204
    before = leftovers.objects()
    wrong = await tus.patch(path, 10, content[10:], Upload_Checksum=checksum(algorithm, content))
    assert (wrong.status_code, slug(wrong)) == (460, "checksum-mismatch")
    assert wrong.headers["tus-resumable"] == "1.0.0"
    assert await tus.offset(path) == 10 or size == 0
    assert leftovers.objects() == before
    right = await tus.patch(path, 10, content[10:], Upload_Checksum=checksum(algorithm, content[10:]))
    assert (right.status_code, right.headers["upload-offset"]) == (204, str(size + 10))
    await tus.has_file("x", content)
    assert await leftovers.freed() == await leftovers.rows()
    assert leftovers.unfinished_uploads() == []


async def test_what_was_cut_off_has_no_checksum_and_is_not_kept(tus: TusClient, leftovers: Leftovers) -> None:
    content = os.urandom(PART + 100)
    path = await tus.created(len(content), "x")
    tus.headers["Upload-Checksum"] = checksum("sha1", content)
    await tus.cut(path, 0, content[:-1], announced=len(content))
    del tus.headers["Upload-Checksum"]
    assert await tus.settled(path) == 0
    answer = await tus.patch(path, 0, content, Upload_Checksum=checksum("sha1", content))
    while answer.status_code == 423:  # the broken one has only begun now
        await tus.settled(path)
        answer = await tus.patch(path, 0, content, Upload_Checksum=checksum("sha1", content))
    assert answer.status_code == 204
    await tus.has_file("x", content)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("crc32 AAAA", "unknown-checksum-algorithm"),
        ("SHA1 AAAA", "unknown-checksum-algorithm"),
        ("", "unknown-checksum-algorithm"),
        ("sha1 A", "malformed-header"),
        ("sha1 !!!!", "malformed-header"),
        ("sha1 ü", "malformed-header"),
    ],
)
async def test_a_checksum_that_cannot_be_read_is_refused(tus: TusClient, header: str, expected: str) -> None:
    path = await tus.created(3)
    answer = await tus.patch(path, 0, b"abc", Upload_Checksum=header)
    assert (answer.status_code, slug(answer)) == (400, expected)
    assert await tus.offset(path) == 0


@pytest.mark.parametrize("header", ["sha1", "sha1 AAAA"])
async def test_a_checksum_of_another_size_is_a_wrong_one(tus: TusClient, header: str) -> None:
    path = await tus.created(3)
    assert (await tus.patch(path, 0, b"abc", Upload_Checksum=header)).status_code == 460
