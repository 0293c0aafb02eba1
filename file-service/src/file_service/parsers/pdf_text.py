"""The text of a PDF, page by page."""

from time import process_time
from typing import Final

from pypdfium2 import PdfDocument, PdfiumError

from file_service.parsers.contract import Source
from file_service.parsers.passages import Passages
from file_service.parsers.pdf_documents import opened

_MOST_HELD: Final = 64 * 1024 * 1024  # bytes that are read of the file before it is closed and opened anew
_MOST_SECONDS: Final = 20.0  # of the processor's time


def write_text(source: Source, page_count: int, passages: Passages) -> int:
    """How many pages were read, from the first: all, or as many as time and `passages` had room for."""
    end = process_time() + _MOST_SECONDS
    read = 0
    while read < page_count:
        with opened(source) as (document, file):
            while read < page_count and file.count < _MOST_HELD:
                passages.add(read + 1, _text(document, read))
                read += 1
                if passages.truncated or process_time() > end:
                    return read
    return read


def _text(document: PdfDocument, index: int) -> str:
    """Nothing for a page that is broken: the others may not be."""
    try:
        page = document[index]
    except PdfiumError:
        return ""
    try:
        return str(page.get_textpage().get_text_bounded())
    except PdfiumError:
        return ""
    finally:
        page.close()  # with all that was made of it
