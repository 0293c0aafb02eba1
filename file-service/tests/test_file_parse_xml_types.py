"""XML that declares a document type, with entities that grow or that are to be fetched."""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest
from office_files import open_document, paragraphs, sheets, word_of, zipped
from parsing import MIB, parsed

pytestmark = pytest.mark.heavy

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 12)) + "]>"
)
EXTERNAL = '<!DOCTYPE a [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % l SYSTEM "file:///etc/passwd"> %l;]>'


def word_with(doctype: str) -> bytes:
    return word_of(doctype + paragraphs("<w:p><w:r><w:t>x&l11;y</w:t></w:r></w:p>"))


def word_with_attribute(doctype: str) -> bytes:
    return word_of(doctype + paragraphs('<w:p w:x="&l11;"/>'))


def relations_with(doctype: str) -> bytes:
    return word_of(paragraphs(""), **{"_rels/.rels": doctype + "<a>&l11;</a>"})


def open_document_with(doctype: str) -> bytes:
    return open_document("text", "", **{"content.xml": doctype + "<a>&l11;</a>"})


def open_document_with_meta(doctype: str) -> bytes:
    return open_document("text", "", **{"meta.xml": doctype + "<a>&l11;</a>"})


def workbook_with(doctype: str, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    with ZipFile(BytesIO(sheets())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    start, declaration, rest = parts[part].rpartition(b"?>")
    return zipped(parts | {part: start + declaration + doctype.encode() + rest})


def styles_with(doctype: str) -> bytes:
    return workbook_with(doctype, "xl/styles.xml")


EVERY = (
    *(word_with, word_with_attribute, relations_with, open_document_with, open_document_with_meta),
    *(workbook_with, styles_with),
)


@pytest.mark.parametrize(
    ("document", "doctype"),
    [(document, LAUGHS) for document in EVERY]
    + [(word_with, EXTERNAL), (word_with, PARAMETER), (word_with, "<!DOCTYPE a>"), (workbook_with, EXTERNAL)],
)
def test_a_document_type_is_refused_in_every_xml(document: Callable[[str], bytes], doctype: str) -> None:
    outcome = parsed("document", document(doctype), memory=64 * MIB)
    assert outcome.refusal == ("broken", "The document's XML declares a document type, which none does")
    assert "root:" not in outcome.text


def test_a_document_type_in_utf_16_is_refused_too() -> None:
    xml = '<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS + "<a>&l11;</a>"
    assert parsed("document", word_of(xml.encode("utf-16"))).refusal is not None
