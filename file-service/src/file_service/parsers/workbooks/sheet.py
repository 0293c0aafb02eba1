"""A sheet as a table: surveyed once, for its header, width and types, then read again for its values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Final

import pyarrow as pa

from file_service.parsers.contract import Facts, Refused
from file_service.parsers.tables.column_types import Kind
from file_service.parsers.tables.columnar import Column, record_batch
from file_service.parsers.tables.header import column_names, is_header
from file_service.parsers.workbooks.cells import Value, array_of, kinds_of, text_of
from file_service.parsers.workbooks.reading import Row

_SAMPLE: Final = 101  # rows that tell whether the first is a header
_BATCH_CELLS: Final = 64 * 1024
_BATCH_TEXT: Final = 4 * 1024 * 1024  # characters
_TEXT_LIMIT: Final = 1024**3  # characters of a sheet: one long text can be named by millions of cells


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    columns: list[Column]
    row_count: int
    header: bool

    @property
    def facts(self) -> Facts:
        return {
            "name": self.name,
            "columns": [column.facts for column in self.columns],
            "row_count": self.row_count,
            "header": self.header,
        }

    def record_batches(self, rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
        first_row = 0
        for batch in _batches(islice(rows, int(self.header), None)):
            padded = (row + [None] * (len(self.columns) - len(row)) for row in batch)
            arrays = map(array_of, zip(*padded, strict=True), (column.kind for column in self.columns))
            yield record_batch(self.columns, first_row, arrays)
            first_row += len(batch)


class _Candidates:
    """The types that are left for a column."""

    def __init__(self) -> None:
        self._kinds: tuple[Kind, ...] | None = None

    @property
    def kind(self) -> Kind:
        return self._kinds[0] if self._kinds else "string"

    def see(self, value: Value) -> None:
        if value is not None and self._kinds != ():
            kinds = kinds_of(value)
            self._kinds = kinds if self._kinds is None else tuple(kind for kind in self._kinds if kind in kinds)


def survey_sheet(name: str, rows: Iterator[Row]) -> Sheet:
    """Refused with more text than a sheet can have."""
    sample = list(islice(rows, _SAMPLE))
    width = max(map(len, sample), default=0)
    first, *below = [row + [None] * (width - len(row)) for row in sample] or [[]]
    header = is_header(list(map(_text, first)), list(map(_kind, first)), _kinds_below(below, width))
    candidates = [_Candidates() for _ in range(width)]
    row_count = 0
    for batch in _batches(chain(sample[header:], rows)):
        row_count += len(batch)
        for position, values in enumerate(zip_longest(*batch)):
            if position == len(candidates):
                candidates.append(_Candidates())
            for value in values:
                candidates[position].see(value)
    labels = [_text(value) for value in first] if header else []
    names = column_names(labels + [""] * (len(candidates) - len(labels)))
    columns = [Column(label, candidate.kind) for label, candidate in zip(names, candidates, strict=True)]
    return Sheet(name, columns, row_count, header)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    cells = text = total = 0
    for row in rows:
        batch.append(row)
        cells += len(row)
        text += sum(len(value) for value in row if isinstance(value, str))
        if cells > _BATCH_CELLS or text > _BATCH_TEXT:
            yield batch
            total += text
            batch, cells, text = [], 0, 0
        if total > _TEXT_LIMIT:
            raise Refused("too-large", "A sheet of the workbook has too much text")
    if batch:
        yield batch


def _text(value: Value) -> str:
    return "" if value is None else text_of(value)


def _kind(value: Value) -> Kind:
    return (*kinds_of(value), "string")[0]


def _kinds_below(rows: list[Row], width: int) -> list[Kind]:
    candidates = [_Candidates() for _ in range(width)]
    for row in rows:
        for candidate, value in zip(candidates, row, strict=True):
            candidate.see(value)
    return [candidate.kind for candidate in candidates]
