"""The rows of a workbook's sheets, read by openpyxl's parser of cells, in memory that does not grow with the sheet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final, TypeAlias
from zipfile import BadZipFile
from zlib import error as BrokenStream  # noqa: N812

from lxml import etree
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser

from file_service.parsers.contract import Refused
from file_service.parsers.tables.header import check_width
from file_service.parsers.workbooks.cells import Value
from file_service.parsers.workbooks.strings import SharedStrings, forget

Row: TypeAlias = list[Value]
SHEET_LIMIT: Final = 100
_ROW_LIMIT: Final = 1_048_576

# What openpyxl, and the zip and the XML below it, raise for a workbook that is not as they expect it: found by damaging
# some thousands. MemoryError is none of them.
_UNEXPECTED: Final = (
    etree.LxmlError, SyntaxError, BadZipFile, BrokenStream, LookupError, ValueError, TypeError, AttributeError,
    OverflowError, OSError, EOFError, NotImplementedError,
)  # fmt: skip


class _Reader(ExcelReader):  # type: ignore[misc]
    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as stream:
                self.shared_strings = SharedStrings(stream)


class Workbook:
    """Raises Refused, and its rows do, where the file is broken."""

    def __init__(self, stream: BinaryIO) -> None:
        with _translated():
            reader = _Reader(stream, read_only=True, data_only=True, keep_links=False)
            reader.read()
        self._workbook = reader.wb
        self._strings = reader.shared_strings
        self._sheets = self._workbook.worksheets
        if len(self._sheets) > SHEET_LIMIT:
            raise Refused("too-large", f"The workbook has more than {SHEET_LIMIT} sheets")

    @property
    def names(self) -> Sequence[str]:
        return [sheet.title for sheet in self._sheets]

    def rows(self, position: int) -> Iterator[Row]:
        """Of a sheet, by its position from 0: those with something in them, without the empty cells at their end."""
        sheet = self._sheets[position]
        with _translated(), sheet._get_source() as stream:  # noqa: SLF001  (its own `iter_rows` keeps something of every row)
            parser = WorkSheetParser(
                stream,
                self._strings,
                data_only=True,
                epoch=self._workbook.epoch,
                date_formats=self._workbook._date_formats,  # noqa: SLF001
                timedelta_formats=self._workbook._timedelta_formats,  # noqa: SLF001
            )
            yield from filter(None, _rows(stream, parser))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _UNEXPECTED as error:
        raise Refused("broken", "The file is no whole workbook") from error


def _rows(stream: BinaryIO, parser: WorkSheetParser) -> Iterator[Row]:
    for _, element in etree.iterparse(stream, tag=(ROW_TAG, DATA_TAG), resolve_entities=False):
        if element.tag == DATA_TAG:
            return
        number, cells = parser.parse_row(element)
        if not 0 < number <= _ROW_LIMIT:
            raise Refused("broken", "A row of the workbook is beyond the last that there can be")
        yield _row(cells)
        parser.row_dimensions.clear()
        forget(element)


def _row(cells: list[dict[str, Value]]) -> Row:
    filled = {int(str(cell["column"])): cell["value"] for cell in cells if cell["value"] not in (None, "")}
    width = max(filled, default=0)
    check_width(width)
    row: Row = [None] * width
    for column, value in filled.items():
        row[column - 1] = value
    return row
