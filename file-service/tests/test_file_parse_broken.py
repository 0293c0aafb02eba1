"""Documents that are cut off, encrypted, or not what they are called."""

import struct
from collections.abc import Callable

import pytest
from office_files import DOCX, ODT, PPTX, XLSX, open_document, paragraphs, sheets, slides, word, word_of, zipped
from parsing import Outcome, parsed

pytestmark = pytest.mark.heavy

R = "http://schemas.openxmlformats.org/package/2006/relationships"
O = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"  # noqa: E741


def read(data: bytes, content_type: str = "application/octet-stream") -> Outcome:
    outcome = parsed("document", data, content_type)
    assert outcome.facts or outcome.refusal, outcome.exit_code
    return outcome


def reason(data: bytes, content_type: str = "application/octet-stream") -> str | None:
    refusal = read(data, content_type).refusal
    return refusal and refusal[0]


def compound(entry: str) -> bytes:
    """An OLE file whose directory, in its third sector, has the root and one entry."""
    head = struct.pack("<8s16x5H6x4I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 2, 0)
    names = (name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", entry))
    return head.ljust(512 * 3, b"\0") + b"".join(names)


@pytest.mark.parametrize("share", [0.1, 0.98])
@pytest.mark.parametrize("document", [word, slides, sheets, lambda: open_document("text", "<text:p>x</text:p>")])
def test_a_document_that_is_cut_off_is_broken(document: Callable[[], bytes], share: float) -> None:
    data = document()
    assert reason(data[: int(len(data) * share)]) == "broken"


@pytest.mark.parametrize(
    ("content_type", "data"),
    [(DOCX, b""), (DOCX, b"\0" * 1000), (DOCX, b"Hello"), (PPTX, b"Hello"), (XLSX, b"Hello"), (ODT, b"Hello")],
)
def test_what_is_called_a_document_and_is_none_is_broken(content_type: str, data: bytes) -> None:
    assert reason(data, content_type) == "broken"


@pytest.mark.parametrize(
    ("document", "name"), [(word, "word/document.xml"), (slides, "ppt/presentation.xml"), (sheets, "xl/styles.xml")]
)
@pytest.mark.parametrize("at", [0, 300])
def test_a_damaged_part_is_broken(document: Callable[[], bytes], name: str, at: int) -> None:
    data = bytearray(document())
    start = data.index(name.encode()) + len(name) + at
    data[start : start + 8] = b"\xff" * 8
    assert reason(bytes(data)) == "broken"


def test_a_document_under_a_password_is_encrypted() -> None:
    assert read(compound("EncryptedPackage"), DOCX).refusal == (
        "encrypted",
        "The document can be read only with a password",
    )


@pytest.mark.parametrize("entry", ["WordDocument", "Workbook", "__properties_version1.0"])
def test_an_old_document_is_unsupported(entry: str) -> None:
    assert reason(compound(entry), "application/msword") == "unsupported"


@pytest.mark.parametrize("field", [b"\0" * 4, b"\xff" * 4])
def test_an_old_document_may_lie_about_its_directory(field: bytes) -> None:
    data = bytearray(compound("EncryptedPackage"))
    data[30:32], data[48:52] = field[:2], field
    assert reason(bytes(data)) in ("unsupported", "encrypted")


def test_a_zip_under_a_password_is_encrypted() -> None:
    data = bytearray(word())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    assert reason(bytes(data)) == "encrypted"


def test_an_open_document_under_a_password_is_encrypted() -> None:
    manifest = '<m:manifest xmlns:m="x"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    outcome = read(open_document("text", "", **{"META-INF/manifest.xml": manifest, "content.xml": "\0\1\2"}))
    assert outcome.refusal == ("encrypted", "The document can be read only with a password")


@pytest.mark.parametrize(
    "parts",
    [
        {"photo.jpg": b"x"},
        {"mimetype": b"application/epub+zip"},
        {"mimetype": b"application/vnd.oasis.opendocument.graphics"},
        {"mimetype": b"\xff" * 1000},
    ],
)
def test_a_zip_that_is_no_document_is_unsupported(parts: dict[str, bytes]) -> None:
    assert reason(zipped(parts), "application/zip") == "unsupported"


def test_bytes_of_no_known_kind_are_unsupported() -> None:
    assert reason(bytes(range(32)) * 1000, "text/plain") == "unsupported"
    assert reason(b"\x7fELF\x02\x01\x01" + b"\0" * 1000) == "unsupported"


@pytest.mark.parametrize("target", ["word/missing.xml", "../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", ""])
def test_a_document_without_its_main_part_is_broken(target: str) -> None:
    related = f'<R xmlns="{R}"><Relationship Id="a" Type="{O}/officeDocument" Target="{target}"/></R>'
    assert reason(word_of(paragraphs(""), **{"_rels/.rels": related})) == "broken"


@pytest.mark.parametrize("body", ["", "no xml", "<a>", "<a></b>", "<a>&b;</a>", "<a b='1' b='2'/>", "\0"])
def test_a_body_that_is_no_xml_is_broken(body: str) -> None:
    assert reason(word_of(body)) == "broken"


def test_a_part_that_is_related_to_a_thousand_times_is_read_once() -> None:
    beside = "".join(f'<Relationship Id="r{at}" Type="{O}/header" Target="header.xml"/>' for at in range(1_000))
    parts = {"word/_rels/document.xml.rels": f'<R xmlns="{R}">{beside}</R>'}
    parts["word/header.xml"] = paragraphs("<w:p><w:r><w:t>top</w:t></w:r></w:p>")
    assert read(word_of(paragraphs(""), **parts)).text == "top\n"
