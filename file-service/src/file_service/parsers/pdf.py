"""What is in a PDF: its facts, its text, and thumbnails of its first page, or of any one that is asked for."""

from typing import Final

from PIL import Image
from pypdfium2 import PdfDocument, PdfiumError

from file_service.parsers.contract import Facts, Output, Refused, Source, Task
from file_service.parsers.passages import Passages, pieces
from file_service.parsers.pdf_documents import opened
from file_service.parsers.pdf_memory import end_when_out_of_memory
from file_service.parsers.pdf_text import write_text
from file_service.parsers.previews import write_thumbnails
from file_service.parsers.thumbnail_sizes import largest_scale, thumbnail_sizes

_LONGEST_TITLE: Final = 500  # characters


def parse(source: Source, task: Task, output: Output) -> Facts:
    """Of any document that opens without a password. With the option `page` (from 1), only thumbnails of that page."""
    end_when_out_of_memory()
    if "page" in task.options:
        return _page(source, int(task.options["page"]), output)
    with opened(source) as (document, _):
        page_count, title = len(document), _title(document)
        first = _picture(document, 1)
    thumbnails = write_thumbnails(first, thumbnail_sizes(*first.size), output)
    passages = Passages(output)
    pages_read = write_text(source, page_count, passages)
    return {
        "kind": "pdf",
        "page_count": page_count,
        "title": title,
        "encrypted": False,
        "thumbnails": thumbnails,
        "pages_read": pages_read,
        "text_truncated": passages.truncated or pages_read < page_count,
    }


def _page(source: Source, number: int, output: Output) -> Facts:
    with opened(source) as (document, _):
        if not 1 <= number <= len(document):
            raise Refused("unsupported", f"There is no page {number}")
        picture = _picture(document, number)
    write_thumbnails(picture, thumbnail_sizes(*picture.size), output)
    return {"page": number}


def _title(document: PdfDocument) -> str | None:
    try:
        written = document.get_metadata_value("Title")
    except UnicodeDecodeError:
        return None
    return next(pieces(written), "").strip()[:_LONGEST_TITLE].strip() or None


def _picture(document: PdfDocument, number: int) -> Image.Image:
    """The page on white, as large as the largest thumbnail, whatever size of paper it asks for."""
    try:
        page = document[number - 1]
        # A hair less, for PDFium rounds up.
        scale = largest_scale(*page.get_size()) * 0.999999
        picture: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
        page.close()
    except (PdfiumError, ZeroDivisionError) as error:
        raise Refused("broken", f"Page {number} is broken") from error
    return picture
