"""What looks inside files, given damaged ones: in this process, where a crash is seen as one.

PDFs and pictures are read by libraries in C, whose crash would end the tests: they are damaged in processes of their
own (`test_file_parse_pdfs.py`, `test_file_parse_hostile_images.py`).
"""

import asyncio
import csv
import io
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from csv_files import BytesSource, head_of, table_of
from fuzzing import Target, damaged, header, like, text
from hypothesis import strategies as st
from office_files import DOCX, ODT, PPTX, XLSX, open_document, sheets, slides, word

from file_service.archive.names import distinct
from file_service.archive.zipping import Member, zip_size, zipped
from file_service.downloads.content_disposition import attachment, inline
from file_service.exports.csv_lines import csv_lines
from file_service.parsers.contract import Refused, Task
from file_service.parsers.encoding import encoding_of, labelled_encoding
from file_service.parsers.registry import parser
from file_service.parsers.tables.table_schema import table_schema

TABLE = 'id;name;at\r\n1;"a ""b""";2026-01-02T03:04:05Z\r\n2;;2026-01-02\r\n'
CSVS = (
    TABLE.encode(), TABLE.encode("utf-16"), b"\xef\xbb\xbf" + TABLE.replace(";", ",").encode(), b"sep=|\na|b\n1|2\n",
    "größe,straße\n1,2\n".encode("cp1252"), b"a,b\n\"1\n2\",3\n4\n", b"a\tb\n'1'\t'2'\n", b"1e400,-0,007,true\n",
)  # fmt: skip
SCHEMA = {
    "fields": [
        {
            "name": "id",
            "type": "integer",
            "constraints": {"required": True, "unique": True, "minimum": 1, "maximum": "9"},
        },
        {"name": "name", "type": "string", "constraints": {"pattern": "[a-z]+", "minLength": 1, "maxLength": 5}},
        {
            "name": "at",
            "type": "datetime",
            "constraints": {"enum": ["2026-01-02T03:04:05Z"], "minimum": "2026-01-01T00:00:00"},
        },
        {"name": "ok", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]},
    ],
    "missingValues": ["", "-"],
    "primaryKey": ["id"],
}
MAIL = b"\r\n".join(
    (
        b"From: =?utf-8?q?Ada?= <ada@example.com>",
        b"To: b@example.com",
        b"Subject: =?utf-8?b?SGk=?=",
        b"Date: Sun, 06 Nov 1994 08:49:37 GMT",
        b"MIME-Version: 1.0",
        b'Content-Type: multipart/mixed; boundary="x"',
        b"",
        b"--x",
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Transfer-Encoding: base64",
        b"",
        b"PGI+aGk8L2I+",
        b"--x",
        b"Content-Disposition: attachment; filename*=utf-8''a",
        b"",
        b"1",
        b"--x--",
        b"",
    )
)
PAGE = (
    b"<!doctype html><html lang=de><head><meta charset=latin1><title>T</title><style>x</style></head>"
    b"<body><p>a&amp;b&#x1F600;<table><tr><td>c"
)
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Nowhere:
    """What is derived is counted by nobody."""

    @contextmanager
    def object(self, name: str, content_type: str) -> Iterator[io.BytesIO]:
        yield io.BytesIO()

    def passage(self, page: int, text: str) -> None:
        assert page > 0
        text.encode()


def parsing(name: str, content_type: str, filename: str = "file", options: Mapping[str, Any] | None = None) -> Any:
    return lambda data: parser(name)(BytesSource(data), Task(content_type, filename, options or {}), Nowhere())


def _table_and_its_head(data: bytes) -> None:
    head_of(data)
    _, facts = table_of(data)
    assert facts["row_count"] >= 0


def _judged(sent: tuple[Any, bytes]) -> None:
    schema, data = sent
    table_schema(schema)
    table_of(data, schema=schema)


def _named(name: str) -> None:
    for field in (attachment(name), inline(name)):
        assert field.isascii()
        assert field.isprintable()
        assert field.count('"') == 2


def _exported(rows: list[list[str]]) -> None:
    """No spreadsheet runs a cell of it, and whoever reads it has as many."""
    written = csv_lines(rows, formula_safe=True).decode()
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert [len(row) for row in read] == [len(row) for row in rows]
    assert not [cell for row in read for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def _archived(files: list[tuple[str, bytes]]) -> None:
    """Others find each file under a name of its own, and its bytes."""
    members = [Member(name, len(data), zlib.crc32(data), WHEN) for name, data in _side_by_side(files)]

    async def each() -> AsyncIterator[tuple[Member, AsyncIterator[bytes]]]:
        for member, (_, data) in zip(members, files, strict=True):
            yield member, _pieces(data)

    async def written() -> bytes:
        return b"".join([block async for block in zipped(each())])

    archive = asyncio.run(written())
    assert len(archive) == zip_size(members)
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        assert read.testzip() is None
        assert [read.read(info) for info in read.infolist()] == [data for _, data in files]


def _side_by_side(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return list(zip(distinct([name for name, _ in files]), (data for _, data in files), strict=True))


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


NAMES = text("a.txt", "..", "a/b", "x" * 300).filter(
    lambda name: name and "\0" not in name and len(name.encode()) < 256
)
ZIPS = [b"PK\x01\x02", b"PK\x05\x06", b"\xff\xff\xff\xff", b"\0\0\0\0"]
BROKEN = (Refused,)

TARGETS = [
    Target("CSV", _table_and_its_head, damaged(*CSVS, signs=[b'"', b"'", b"\r", b"\n", b",", b"\0", b"\xff"]), BROKEN),
    Target("CSV and a Table Schema", _judged, st.tuples(like(SCHEMA), st.sampled_from(CSVS)), BROKEN),
    Target("encoding", lambda data: encoding_of(data, whole=True), damaged(*CSVS)),
    Target("label of an encoding", labelled_encoding, header("utf-8", "'iso-8859-1'", "rot13", "idna")),
    Target(
        "mail",
        parsing("document", "message/rfc822", "a.eml"),
        damaged(MAIL, signs=[b"\r\n", b"=?", b"--x", b";", b"\xff"]),
        BROKEN,
    ),
    Target(
        "page",
        parsing("document", "text/html", "a.html"),
        damaged(PAGE, signs=[b"<", b"&#", b"<!--", b"<![CDATA[", b"\0"]),
        BROKEN,
    ),
    Target(
        "Markdown", parsing("document", "text/markdown", "a.md"), damaged(b"# T\n---\ntitle: x\n---\n* a\n"), BROKEN
    ),
    Target("Word", parsing("document", DOCX), damaged(word(), signs=ZIPS), BROKEN),
    Target("slides", parsing("document", PPTX), damaged(slides(), signs=ZIPS), BROKEN),
    Target("sheets as text", parsing("document", XLSX), damaged(sheets(), signs=ZIPS), BROKEN),
    Target(
        "OpenDocument",
        parsing("document", ODT),
        damaged(open_document("text", "<text:p>x</text:p>"), signs=ZIPS),
        BROKEN,
    ),
    Target("workbook", parsing("xlsx", XLSX), damaged(sheets(), signs=ZIPS), BROKEN),
    Target("name in a header", _named, text("a.txt", 'a"b\\c%', "\u202e.txt")),
    Target(
        "CSV that is written",
        _exported,
        st.lists(st.lists(text("=1+1", "@x", "-1", "\tx", 'a"b'), min_size=1, max_size=3), max_size=3),
    ),
    Target(
        "ZIP that is written", _archived, st.lists(st.tuples(NAMES, st.binary(max_size=50)), min_size=1, max_size=4)
    ),
]
