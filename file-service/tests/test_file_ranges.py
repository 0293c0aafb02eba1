"""Which bytes a `Range` stands for, and that none costs more than the file."""

import re
import time
from collections.abc import Callable

import pytest
from file_client import FileClient
from hypothesis import given
from hypothesis import strategies as st

from file_service.downloads.byteranges import Byteranges
from file_service.downloads.errors import RangeNotSatisfiable
from file_service.downloads.ranges import MOST_SPANS, Span, coalesced, wanted_spans

CONTENT = bytes(range(256)) * 4
SIZE = len(CONTENT)
_HEAD = re.compile(rb"--(\S+)\r\nContent-Type: ([^\r]+)\r\nContent-Range: bytes ([0-9]+)-([0-9]+)/([0-9]+)\r\n\r\n")

sizes = st.integers(0, 2000)
positions = st.integers(0, 2500)
specs = st.one_of(
    st.builds(lambda first, more: f"{first}-{first + more}", positions, positions),
    st.builds(lambda first: f"{first}-", positions),
    st.builds(lambda last: f"-{last}", positions),
)
headers = st.lists(specs, min_size=1, max_size=30).map(lambda listed: "bytes=" + ",".join(listed))


def parts_of(body: bytes, content_type: str) -> list[tuple[int, bytes]]:
    """Start and bytes of each part of a multipart answer, read as RFC 2046 has it."""
    boundary = content_type.removeprefix("multipart/byteranges; boundary=").encode()
    parts: list[tuple[int, bytes]] = []
    position = 0
    while (head := _HEAD.match(body, position)) is not None:
        assert head[1] == boundary
        first, last = int(head[3]), int(head[4])
        position = head.end() + last - first + 1
        parts.append((first, body[head.end() : position]))
        assert body[position : position + 2] == b"\r\n"
        position += 2
    assert body[position:] == b"--" + boundary + b"--\r\n"
    return parts


def bytes_wanted(header: str, size: int) -> set[int]:
    """RFC 9110 §14.1.2, one byte at a time."""
    wanted: set[int] = set()
    for spec in header.removeprefix("bytes=").split(","):
        first, _, last = spec.partition("-")
        wanted |= {
            byte
            for byte in range(size)
            if (byte >= size - int(last) if not first else byte >= int(first) and (not last or byte <= int(last)))
        }
    return wanted


@given(headers, sizes)
def test_the_spans_are_the_bytes_that_were_asked_for(header: str, size: int) -> None:
    wanted = bytes_wanted(header, size)
    try:
        spans = wanted_spans(header, size)
    except RangeNotSatisfiable:
        assert not wanted
        return
    if spans is None:
        assert size == 0 or len(spans_by_hand(wanted)) > MOST_SPANS
        return
    assert sorted((span.start, span.end) for span in spans) == spans_by_hand(wanted)


def spans_by_hand(wanted: set[int]) -> list[tuple[int, int]]:
    starts = sorted(byte for byte in wanted if byte - 1 not in wanted)
    ends = sorted(byte + 1 for byte in wanted if byte + 1 not in wanted)
    return list(zip(starts, ends, strict=True))


@given(st.text(max_size=60) | st.text("bytes=0123456789-, \t", max_size=60).map("bytes=".__add__), sizes)
def test_no_header_whatever_breaks_or_amplifies(header: str, size: int) -> None:
    try:
        spans = wanted_spans(header, size)
    except RangeNotSatisfiable:
        return
    if spans is not None:
        assert 1 <= len(spans) <= MOST_SPANS
        assert sum(span.length for span in spans) <= size
        assert all(0 <= span.start < span.end <= size for span in spans)


@given(st.lists(st.builds(lambda start, more: Span(start, start + 1 + more), positions, positions), min_size=1))
def test_what_is_coalesced_stands_where_its_first_was_asked_for(spans: list[Span]) -> None:
    joined = coalesced(spans)
    places = [next(at for at, one in enumerate(spans) if span.start <= one.start < span.end) for span in joined]
    assert places == sorted(places)


@given(headers.filter(lambda header: "," in header), st.integers(1, 2000))
def test_every_byte_of_a_multipart_body_is_right_and_its_length_exact(header: str, size: int) -> None:
    content = (CONTENT * 2)[:size]
    try:
        spans = wanted_spans(header, size)
    except RangeNotSatisfiable:
        return
    body = Byteranges(spans or [], size, "text/plain", "XX")
    sent = b"".join(body.head(one) + content[one.start : one.end] + body.END_OF_PART for one in body.spans) + body.end
    assert body.length == len(sent) <= size + (MOST_SPANS + 1) * 200
    parts = parts_of(sent, body.media_type)
    assert parts == [(one.start, content[one.start : one.end]) for one in body.spans]


SATISFIABLE = [
    ("bytes=0-0", 0, 0),
    ("bytes=0-", 0, SIZE - 1),
    ("bytes=5-9", 5, 9),
    ("bytes=-1", SIZE - 1, SIZE - 1),
    (f"bytes=-{SIZE * 5}", 0, SIZE - 1),
    (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
    (f"bytes=1000-{10**18}", 1000, SIZE - 1),
    ("bytes=1000-" + "9" * 30_000, 1000, SIZE - 1),
    ("bytes=-" + "9" * 30_000, 0, SIZE - 1),
    ("bytes=" + "0" * 30_000 + "7-9", 7, 9),
    ("BYTES=5-9", 5, 9),
    ("bytes=5-9,", 5, 9),
    ("bytes= ,, 5-9 ,\t,", 5, 9),
    ("bytes=0-4,5-9", 0, 9),
    ("bytes=5-9,0-6", 0, 9),
    (f"bytes=0-0,{SIZE}-", 0, 0),
    ("bytes=" + "0-0," * 10_000, 0, 0),
    ("bytes=" + ",".join(f"{at}-{at + 20}" for at in range(1000, 0, -1)), 1, 1020),
]
IGNORED = [
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=--1",
    "bytes=-1-2",
    "bytes=9-5",
    "bytes=0-1,9-5",
    "bytes=0-1;2-3",
    "bytes=1.5-2",
    "bytes=a-b",
    "bytes=0x1-2",
    "bytes=+1-2",
    "bytes=1 - 2",
    "bytes=\u00b2-\u00b3",
    "bytes:0-1",
    "lines=0-1",
    "0-1",
    "bytes=0-1 2-3",
    "bytes=0-1, bytes=2-3",
    "bytes=" + ",".join(f"{at}-{at}" for at in range(0, 2 * (MOST_SPANS + 1), 2)),
    "bytes=" + ",".join(f"{at}-{at}" for at in range(SIZE - 2, 0, -2)),
    "bytes=" + ",".join(f"{at}-{at}" for at in range(0, 10_000, 2)),
]
OUTSIDE = [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5},9999-", "bytes=-0", "bytes=" + "9" * 30_000 + "-"]


async def test_a_part_is_answered(ada: FileClient) -> None:
    file_id = (await ada.upload(CONTENT)).json()["id"]
    for header, first, last in SATISFIABLE:
        answer = await ada.download(file_id, headers={"Range": header})
        assert answer.status_code == 206, header[:100]
        assert answer.content == CONTENT[first : last + 1]
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
        assert answer.headers["content-length"] == str(last - first + 1)


async def test_what_is_malformed_or_too_much_is_answered_with_the_whole_file(ada: FileClient) -> None:
    url = f"{ada.origin}/files/{(await ada.upload(CONTENT)).json()['id']}/download"
    for header in IGNORED:
        lines = [*((name.encode(), value.encode()) for name, value in ada.headers.items())]
        answer = await ada.http.get(url, headers=[*lines, (b"Range", header.encode("latin-1"))])
        assert answer.status_code == 200, header[:100]
        assert answer.content == CONTENT
        assert "content-range" not in answer.headers


async def test_what_lies_outside_is_a_416_that_tells_the_size(ada: FileClient) -> None:
    file_id = (await ada.upload(CONTENT)).json()["id"]
    for header in OUTSIDE:
        answer = await ada.download(file_id, headers={"Range": header})
        assert answer.status_code == 416, header[:100]
        assert answer.headers["content-range"] == f"bytes */{SIZE}"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_several_parts_come_in_the_order_asked_for(ada: FileClient) -> None:
    file_id = (await ada.upload(CONTENT, kind="text/plain; charset=latin-1")).json()["id"]
    answer = await ada.download(file_id, headers={"Range": "bytes=500-509,0-9,5-19,-3"})
    assert answer.status_code == 206
    assert "content-range" not in answer.headers
    assert answer.headers["content-length"] == str(len(answer.content))
    parts = parts_of(answer.content, answer.headers["content-type"])
    assert parts == [(500, CONTENT[500:510]), (0, CONTENT[:20]), (SIZE - 3, CONTENT[-3:])]
    whole = await ada.download(file_id)
    assert f"Content-Type: {whole.headers['content-type']}\r\n".encode() in answer.content


async def test_as_many_parts_as_are_allowed_come_whole(ada: FileClient) -> None:
    file_id = (await ada.upload(CONTENT)).json()["id"]
    starts = range(0, 50 * MOST_SPANS, 50)
    header = "bytes=" + ",".join(f"{start}-{start + 9}" for start in starts)
    answer = await ada.download(file_id, headers={"Range": header})
    assert answer.status_code == 206
    parts = parts_of(answer.content, answer.headers["content-type"])
    assert parts == [(start, CONTENT[start : start + 10]) for start in starts]


async def test_the_boundary_is_another_each_time(ada: FileClient) -> None:
    file_id = (await ada.upload(CONTENT)).json()["id"]
    answers = [await ada.download(file_id, headers={"Range": "bytes=0-0,5-5"}) for _ in range(2)]
    assert answers[0].headers["content-type"] != answers[1].headers["content-type"]


async def test_an_empty_file_has_no_part(ada: FileClient) -> None:
    file_id = (await ada.upload(b"")).json()["id"]
    for header in ("bytes=0-", "bytes=0-0", "bytes=-0"):
        refused = await ada.download(file_id, headers={"Range": header})
        assert (refused.status_code, refused.headers["content-range"]) == (416, "bytes */0")
    # The last five bytes of nothing can be had (RFC 9110 §14.1.2), but not as a part.
    whole = await ada.download(file_id, headers={"Range": "bytes=-5"})
    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"", "0")


async def test_two_range_lines_are_no_range(ada: FileClient) -> None:
    file_id = (await ada.upload(CONTENT)).json()["id"]
    lines = [*ada.headers.items(), ("Range", "bytes=0-0"), ("Range", "bytes=5-5")]
    assert (await ada.http.get(f"{ada.origin}/files/{file_id}/download", headers=lines)).status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda: "bytes=" + "0-," * 20_000,
        lambda: "bytes=" + ",".join(f"{at}-{at}" for at in range(20_000, 0, -2)),
        lambda: "bytes=" + "1" * 64_000,
        lambda: "bytes=" + "-" * 64_000,
        lambda: "bytes=" + "," * 64_000 + "x",
        lambda: "bytes=" + " " * 64_000 + "x",
    ],
)
def test_no_list_of_ranges_keeps_us_busy(make: Callable[[], str]) -> None:
    began = time.process_time()
    wanted_spans(make(), 10**12)
    assert time.process_time() - began < 2
