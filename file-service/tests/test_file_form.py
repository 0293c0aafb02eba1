"""The form reader, on forms of every shape and cut into every kind of pieces."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_service.uploads.errors import FormTooLarge, MalformedForm, NotAForm
from file_service.uploads.form import MultipartForm, PartHead
from strongroom.errors import AppError

KIND = "multipart/form-data; boundary=XX"


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def part(name: str, content: bytes, filename: str | None = None, more: str = "") -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--XX\r\nContent-Disposition: form-data; name="{name}"{named}\r\n{more}\r\n'
    return head.encode() + content + b"\r\n"


async def read(body: bytes, kind: str = KIND, size: int = 7) -> list[tuple[str, str | None, bytes]]:
    form = MultipartForm(kind, cut(body, size))
    found = []
    while (head := await form.next_part()) is not None:
        found.append((head.name, head.filename, b"".join([piece async for piece in form.pieces()])))
    return found


async def test_parts_come_in_order_with_their_bytes() -> None:
    body = part("path", b"a/b") + part("file", b"\r\n--X\r\n--XY\r\n", "n\u00e4me.txt") + part("e", b"") + b"--XX--\r\n"
    assert await read(body) == [("path", None, b"a/b"), ("file", "näme.txt", b"\r\n--X\r\n--XY\r\n"), ("e", None, b"")]


async def test_a_part_that_nobody_reads_is_skipped() -> None:
    body = part("first", b"x" * 1000, "big") + part("second", b"y") + b"--XX--"
    form = MultipartForm(KIND, cut(body, 64))
    assert await form.next_part() == PartHead("first", "big", None)
    assert await form.next_part() == PartHead("second", None, None)
    assert await form.text() == "y"
    assert await form.next_part() is None


@settings(deadline=None, max_examples=150)
@given(content=st.binary(max_size=300), size=st.integers(1, 80), lines=st.booleans())
def test_the_bytes_of_a_file_survive_any_cutting(content: bytes, size: int, lines: bool) -> None:
    if lines:
        content = content.replace(b"\0", b"\r\n--X")
    if b"\r\n--XX" in content:
        return
    body = part("file", content, "f") + b"--XX--\r\n"
    assert asyncio.run(read(body, size=size)) == [("file", "f", content)]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("", NotAForm),
        ("application/json", NotAForm),
        ("multipart/mixed; boundary=XX", NotAForm),
        ("multipart/form-data", MalformedForm),
        ("multipart/form-data; boundary=", MalformedForm),
        (f"multipart/form-data; boundary={'x' * 500}", MalformedForm),
    ],
)
async def test_what_is_not_a_form_is_refused(kind: str, error: type[AppError]) -> None:
    with pytest.raises(error):
        await read(b"", kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b"--XX\r\n",
        part("file", b"half of it", "f"),
        part("file", b"half of it", "f") + b"--XX",
        part("file", b"half of it", "f") + b"--XX-",
        b'--XX\r\nContent-Disposition: form-data; filename="no name"\r\n\r\nx\r\n--XX--',
        b"--XX\r\n\r\nno headers\r\n--XX--",
        b"--XX\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XX--",
        b"--XX\r\nBad Header\r\n\r\nx\r\n--XX--",
        b'--XX\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--XX--',
        b"--XX\r\n" + b"X: y\r\n" * 1000 + b"\r\nx\r\n--XX--",
        b"--XX\r\nX: " + b"y" * 100_000 + b"\r\n\r\nx\r\n--XX--",
    ],
)
async def test_a_malformed_or_truncated_form_is_refused(body: bytes) -> None:
    for size in (1, 7, 100_000):
        with pytest.raises(MalformedForm):
            await read(body, size=size)


async def test_ten_thousand_fields_are_too_many() -> None:
    with pytest.raises(FormTooLarge):
        await read(b"".join(part(f"f{number}", b"x") for number in range(10_000)) + b"--XX--", size=65536)


async def test_an_endless_field_is_too_large() -> None:
    form = MultipartForm(KIND, cut(part("path", b"x" * 100_000) + b"--XX--", 4096))
    await form.next_part()
    with pytest.raises(FormTooLarge):
        await form.text()
