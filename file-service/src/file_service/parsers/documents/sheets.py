"""The text of an XLSX (ECMA-376 part 1, §18): a sheet is a page, a row a line, and cells have tabs between them."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Final, TypeAlias
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from lxml import etree

from file_service.parsers.contract import Refused, Source
from file_service.parsers.documents.archive import MIB, Archive, opened
from file_service.parsers.documents.description import Description
from file_service.parsers.documents.markup import Attributes, Reader, read_xml
from file_service.parsers.documents.package import core_properties
from file_service.parsers.documents.prose import Prose

Row: TypeAlias = tuple[object, ...]

_ROWS: Final = 2 * 1024 * 1024  # of all sheets, empty ones too; one sheet has at most half of it
_ROWS_OF_A_SHEET: Final = 1024 * 1024
_HELD: Final = 32 * MIB  # of a part that openpyxl holds in memory, ten times larger than it is
_STREAMED: Final = "xl/worksheets/"

# What openpyxl raises for a workbook that is not as it expects it.
_UNEXPECTED: Final = (
    etree.LxmlError, ParseError, BadZipFile, zlib.error, EOFError, OSError, RuntimeError,
    LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip


def read_sheets(source: Source, prose: Prose) -> Description:
    with opened(source) as archive:
        _check(archive)
        description = core_properties(archive)
    with source.open() as file:
        try:
            is_whole = _say(_rows(file), prose)
        except _UNEXPECTED as error:
            raise Refused("broken", "The workbook is broken") from error
    prose.end()
    return replace(description, is_cut=not is_whole)


def _say(rows: Iterator[tuple[int, Row]], prose: Prose) -> bool:
    """False where there are more rows than are read."""
    at = 1
    for count, (page, row) in enumerate(rows):
        if count == _ROWS or prose.full:
            return False
        if page != at:
            prose.turn(page)
            at = page
        prose.say(_line(row))
        prose.line()
    return True


def _rows(file: IO[bytes]) -> Iterator[tuple[int, Row]]:
    """With the number of their sheet, from 1."""
    from openpyxl import load_workbook  # 0.3 s that other documents need not wait for

    workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    for page, sheet in enumerate(workbook.worksheets, start=1):
        sheet.reset_dimensions()  # they may lie
        for row in sheet.iter_rows(max_row=_ROWS_OF_A_SHEET, values_only=True):
            yield page, row


def _line(row: Row) -> str:
    return "\t".join("" if value is None else str(value).replace("\n", " ") for value in row).rstrip("\t")


def _check(archive: Archive) -> None:
    """openpyxl's own parser would follow what a document type says, and holds in memory what is not a sheet."""
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            if not name.startswith(_STREAMED) and archive.size(name) > _HELD:
                raise Refused("too-large", "The workbook has too many different words or styles")
            with archive.part(name) as chunks:
                read_xml(chunks, _Beginning())


class _Beginning(Reader):
    """A document type stands before the first element, so the rest need not be read."""

    def begin(self, name: str, attributes: Attributes) -> None:
        self.done = True
