"""Documents that are made to take memory or time, or to reach what is not theirs."""

import struct
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from office_files import DOCX, ODT, XLSX, paragraphs, sheets, word, word_of, zipped
from parsing import MIB, Outcome, parsed

pytestmark = pytest.mark.heavy


def read(data: bytes | Path, content_type: str = DOCX) -> Outcome:
    """In half the memory that it may have; it neither crashes nor runs out of it."""
    outcome = parsed("document", data, content_type, memory=256 * MIB)
    assert outcome.facts or outcome.refusal, outcome.exit_code
    return outcome


def reason(data: bytes | Path, content_type: str = DOCX) -> str | None:
    refusal = read(data, content_type).refusal
    return refusal and refusal[0]


@pytest.mark.parametrize(("entries", "size"), [(1, 129 * MIB), (3, 100 * MIB)])
def test_a_zip_bomb_is_refused_by_what_it_declares(entries: int, size: int) -> None:
    file = BytesIO(word())
    with ZipFile(file, "a", ZIP_DEFLATED, compresslevel=1) as archive:
        for at in range(entries):
            archive.writestr(f"word/{at}.xml", bytes(size))
    assert reason(file.getvalue()) == "too-large"


def test_what_is_packed_too_tightly_is_refused_however_small_its_entries() -> None:
    assert reason(word_of("", **{f"{at}.xml": bytes(MIB) for at in range(40)})) == "too-large"


def test_an_entry_that_declares_too_little_is_not_read_beyond_it() -> None:
    bomb = bytearray(word_of(paragraphs(f"<w:p><w:r><w:t>{'x' * 10 * MIB}</w:t></w:r></w:p>")))
    at = bomb.rindex(b"word/document.xml") - 46
    struct.pack_into("<I", bomb, at + 24, 1_000)
    assert reason(bytes(bomb)) == "broken"


def test_entries_that_overlap_are_refused() -> None:
    zipped_once = word_of(paragraphs(""), bulk=bytes(15 * MIB))
    directory = zipped_once.index(b"PK\x01\x02")
    end = zipped_once.rindex(b"PK\x05\x06")
    entries = bytearray(zipped_once[directory:end] * 1000)
    tail = bytearray(zipped_once[end:])
    struct.pack_into("<HHII", tail, 8, 4000, 4000, len(entries), directory)
    assert reason(zipped_once[:directory] + bytes(entries) + bytes(tail)) == "broken"


def test_a_directory_of_millions_of_entries_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "bomb.docx"
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", *[0] * 9, 1, *[0] * 6) + b"x"
    with file.open("wb") as writing:
        writing.write(b"PK\3\4" + entry * 2_000_000)
        writing.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2_000_000 * len(entry), 4, 0))
    assert reason(file) == "too-large"


def test_ten_thousand_entries_are_enough() -> None:
    assert reason(word_of(paragraphs(""), **{f"{at}": "" for at in range(9_997)})) is None
    assert reason(word_of(paragraphs(""), **{f"{at}": "" for at in range(9_998)})) == "too-large"


def test_a_zip_within_a_zip_is_not_opened() -> None:
    inner = zipped({"x": bytes(10 * MIB)})
    assert read(word_of(paragraphs(""), **{"word/embeddings/inner.zip": inner})).found["characters"] == 0


def test_a_method_of_packing_that_takes_memory_is_not_followed() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_BZIP2) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    assert reason(file.getvalue(), ODT) == "unsupported"


@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_paragraphs_within_paragraphs_are_read_however_deep(depth: int) -> None:
    document = paragraphs("<w:p>" * depth + "<w:r><w:t>x</w:t></w:r>" + "</w:p>" * depth)
    assert read(word_of(document)).text == "x\n"


@pytest.mark.parametrize("tag", ["div", "b", "table", "ul><li", "svg"])
def test_tags_within_tags_are_read_however_deep(tag: str) -> None:
    outcome = read(f"<p>before<{tag}>".replace("<" + tag, f"<{tag}>" * 100_000).encode() + b"x", "text/html")
    assert "before" in outcome.text


@pytest.mark.parametrize(
    "data", [b"<!--" * 1_000_000, b"<a " + b"b=c " * 1_000_000, b"&" * 1_000_000, b"<![CDATA[" * 500_000]
)
def test_html_without_end_is_read_somehow(data: bytes) -> None:
    read(data, "text/html")


def test_an_attribute_without_end_is_refused() -> None:
    assert reason(word_of(paragraphs(f'<w:p w:x="{"x" * 15 * MIB}"/>'))) == "broken"


def test_a_large_document_is_read_in_little_memory() -> None:
    lines = "".join(f"<w:p><w:r><w:t>{at} = {at * at} 🙂</w:t></w:r></w:p>" for at in range(300_000))
    outcome = parsed("document", word_of(paragraphs(lines)), DOCX, memory=48 * MIB)
    assert outcome.found["text_truncated"]
    assert outcome.text.startswith("0 = 0 🙂\n1 = 1 🙂\n")


def test_a_sheet_that_lies_about_its_rows_ends() -> None:
    rows = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in (1, 1_000_000, 10**12))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    with ZipFile(BytesIO(sheets())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    outcome = read(zipped(parts | {"xl/worksheets/sheet1.xml": sheet.encode()}), XLSX)
    assert outcome.found["characters"] < 100_000
