"""Opens PDFs that nobody vouches for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from pypdfium2 import PdfDocument, PdfiumError, raw

from file_service.parsers.contract import Refused, Source


class CountedFile:
    """A file that counts the bytes that were read of it: PDFium keeps them all until the document is closed."""

    def __init__(self, file: BinaryIO) -> None:
        self._readinto = file.readinto  # type: ignore[attr-defined]
        self.seek, self.tell, self.read = file.seek, file.tell, file.read
        self.count = 0

    def readinto(self, buffer: object) -> int:
        length = int(self._readinto(buffer))
        self.count += length
        return length


@contextmanager
def opened(source: Source) -> Iterator[tuple[PdfDocument, CountedFile]]:
    """A document of at least one page that needs no password to be read. Its forms and scripts stay asleep."""
    with source.open() as file:
        counted = CountedFile(file)
        with _document(counted) as document:
            yield document, counted


def _document(file: CountedFile) -> PdfDocument:
    try:
        return PdfDocument(file)
    except PdfiumError as error:
        if error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise Refused("encrypted", "The document can be read only with a password") from error
        raise Refused("broken", "The document is broken") from error
