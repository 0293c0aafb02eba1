"""Office documents for tests: real ones from the libraries, and zips and XML that no program would write."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def word() -> bytes:
    """With a title, a table in it, a header, a footer, a comment and a picture's worth of formatting."""
    document = Document()
    document.core_properties.title = "Annual report"
    document.core_properties.language = "en-GB"
    document.add_heading("Results", 1)
    paragraph = document.add_paragraph("Sales ")
    paragraph.add_run("rose").bold = True
    paragraph.add_run("\tsharply\nin May")
    document.add_comment(paragraph.runs, text="Really?", author="Ann")
    table = document.add_table(2, 2)
    for at, cell in enumerate((*table.rows[0].cells, *table.rows[1].cells)):
        cell.text = f"cell {at}"
    document.add_paragraph("The end.")
    document.sections[0].header.paragraphs[0].text = "Confidential"
    document.sections[0].footer.paragraphs[0].text = "Page one"
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def slides() -> bytes:
    """Three slides, the second with a table and notes; shown in another order than that of their parts."""
    presentation = Presentation()
    presentation.core_properties.title = "Plans"
    for title in ("First", "Third", "Second"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = title
    second = presentation.slides[2]
    table = second.shapes.add_table(1, 2, Inches(1), Inches(2), Inches(3), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    second.notes_slide.notes_text_frame.text = "Speak slowly"
    order = presentation.slides._sldIdLst
    order.insert(1, order[2])
    file = BytesIO()
    presentation.save(file)
    return file.getvalue()


def sheets() -> bytes:
    workbook = Workbook()
    workbook.properties.title = "Ledger"
    first = workbook.active
    first.append(["name", "amount"])
    first.append(["tea", 3, None, None])
    first["A9"] = "far below"
    workbook.create_sheet("Second").append([None, "b\nc", True])
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def open_document(kind: str, body: str, **parts: str) -> bytes:
    """`kind` is text, spreadsheet or presentation."""
    names = "".join(f' xmlns:{each}="{_ODF}{each}:1.0"' for each in ("office", "text", "table", "drawing", "meta"))
    content = f"<office:document-content{names}><office:body>{body}</office:body></office:document-content>"
    meta = (
        f'<office:document-meta{names} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
        "<dc:title>Open title</dc:title><dc:language>de-DE</dc:language></office:meta></office:document-meta>"
    )
    required = {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content, "meta.xml": meta}
    return zipped(required | parts)


def word_of(body: bytes | str, **parts: bytes | str) -> bytes:
    """A DOCX whose main part is `body`, as it is."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_OFFICE}/officeDocument"'
            ' Target="word/document.xml"/></Relationships>',
            "word/document.xml": body,
        }
        | parts
    )


def paragraphs(text: str) -> str:
    return f'<w:document xmlns:w="{W}"><w:body>{text}</w:body></w:document>'
