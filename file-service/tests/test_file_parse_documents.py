"""The text and the title of every kind of document."""

import pytest
from office_files import DOCX, ODT, PPTX, XLSX, open_document, sheets, slides, word
from parsing import MIB, parsed

GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund, und keiner weiß warum. "


def test_a_word_document_is_read_with_its_tables_headers_footers_and_comments() -> None:
    outcome = parsed("document", word(), DOCX, memory=32 * MIB)
    assert outcome.text == (
        "Results\nSales rose\tsharply\nin May\ncell 0\tcell 1\ncell 2\tcell 3\nThe end.\n"
        "Confidential\nPage one\nReally?\n"
    )
    assert outcome.found == {
        "kind": "document",
        "format": "docx",
        "title": "Annual report",
        "language": "en",
        "page_count": None,
        "characters": len(outcome.text),
        "text_truncated": False,
    }
    assert {page for page, _ in outcome.passages} == {1}


def test_a_slide_is_a_page_in_the_order_in_which_they_are_shown() -> None:
    outcome = parsed("document", slides(), PPTX)
    assert outcome.passages == [(1, "First\n"), (2, "Second\nleft\tright\nSpeak slowly\n"), (3, "Third\n")]
    assert (outcome.found["format"], outcome.found["title"], outcome.found["language"]) == ("pptx", "Plans", None)


def test_a_sheet_is_a_page_and_cells_have_tabs_between_them() -> None:
    outcome = parsed("document", sheets(), XLSX)
    assert outcome.passages == [(1, "name\tamount\ntea\t3\nfar below\n"), (2, "\tb c\tTrue\n")]
    assert (outcome.found["format"], outcome.found["title"]) == ("xlsx", "Ledger")


def test_an_open_document_is_read_without_what_was_deleted() -> None:
    body = (
        "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        "<text:h>Kopf</text:h><text:p>Ein <text:span>Satz</text:span>\n   über<text:s/>zwei<text:tab/>Zeilen</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell>"
        "<text:p>b</text:p><text:p>c</text:p></table:table-cell></table:table-row></table:table></office:text>"
    )
    outcome = parsed("document", open_document("text", body), ODT)
    assert outcome.text == "Kopf\nEin Satz über zwei\tZeilen\na\tb c\n"
    assert (outcome.found["format"], outcome.found["title"], outcome.found["language"]) == ("odt", "Open title", "de")


def test_the_footer_of_an_open_document_is_read_from_its_styles() -> None:
    styles = '<styles xmlns:t="x"><t:footer><t:p>Fuß</t:p></t:footer><t:number>1</t:number></styles>'
    outcome = parsed("document", open_document("text", "<text:p>Text</text:p>", **{"styles.xml": styles}), ODT)
    assert outcome.text == "Text\nFuß\n"


def test_a_sheet_and_a_slide_of_open_documents_are_pages() -> None:
    row = "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>"
    table = f"<table:table>{row}</table:table>"
    ods = parsed("document", open_document("spreadsheet", table.format("one") + table.format("two")))
    odp = parsed(
        "document", open_document("presentation", "<drawing:page/><drawing:page><text:p>x</text:p></drawing:page>")
    )
    assert (ods.found["format"], ods.passages) == ("ods", [(1, "one\n"), (2, "two\n")])
    assert (odp.found["format"], odp.passages) == ("odp", [(2, "x\n")])


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/zip", PPTX, "text/plain", ""])
def test_a_document_is_known_by_what_is_in_it(content_type: str) -> None:
    assert parsed("document", word(), content_type, "report").found["format"] == "docx"


@pytest.mark.parametrize(
    ("filename", "content_type", "data", "kind"),
    [
        ("a.md", "application/octet-stream", b"# x", "markdown"),
        ("a.MD", "text/plain", b"# x", "markdown"),
        ("a.htm", "application/octet-stream", b"x", "html"),
        ("a", "application/octet-stream", b" <!DOCTYPE HTML>", "html"),
        ("a.eml", "application/octet-stream", b"Subject: x\n\nx", "eml"),
        ("a.md", "text/html; charset=utf-8", b"x", "html"),
        ("a.html", "application/json", b"{}", "text"),
        ("a.py", "text/x-python", b"pass", "text"),
        ("a", "application/octet-stream", b"pass", "text"),
        ("a", "text/plain", b"", "text"),
    ],
)
def test_other_files_are_known_by_type_then_by_name(filename: str, content_type: str, data: bytes, kind: str) -> None:
    assert parsed("document", data, content_type, filename).found["format"] == kind


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_plain_text_is_read_as_it_was_written(codec: str) -> None:
    lines = "1 € for 2 ½\n" * 2 + "12345678 €\n" * 10_000
    outcome = parsed("document", lines.encode(codec), "text/plain")
    assert outcome.text == lines
    assert (outcome.found["title"], outcome.found["language"]) == (None, None)
    assert max(len(text) for _, text in outcome.passages) <= 8_000


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("intro\n\n# The *title* ##\n\nx", "The *title*"),
        ("intro\n```\n# a comment\n```\n## After", "After"),
        ("Underlined\n=====\n", "Underlined"),
        ("no heading\n#hashtag", None),
        ("```\n# never closed", None),
        ("# " + "1234 " * 500, ("1234 " * 100).strip()),
    ],
)
def test_the_title_of_markdown_is_its_first_heading(text: str, title: str | None) -> None:
    outcome = parsed("document", text.encode(), "text/markdown")
    assert (outcome.found["format"], outcome.found["title"]) == ("markdown", title)


def test_a_large_text_is_read_up_to_the_limit_in_little_memory() -> None:
    outcome = parsed("document", b"12345678 \n" * 5_000_000, "text/plain", memory=32 * MIB)
    assert outcome.found["text_truncated"]
    assert 4 * MIB - 16_000 < outcome.found["characters"] == len(outcome.text) <= 4 * MIB


def test_a_text_that_does_not_say_its_language_takes_little_memory() -> None:
    assert parsed("document", (GERMAN * 10).encode(), "text/plain", memory=32 * MIB).found["language"] is None
