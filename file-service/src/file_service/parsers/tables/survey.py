"""A CSV file read twice: first to learn what its columns are, then to have them. The types depend on every row."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from file_service.parsers.contract import Facts, Source, Task
from file_service.parsers.tables.arrow_types import ArrowCandidates, cells_of, values_of
from file_service.parsers.tables.broken_rows import BrokenRows
from file_service.parsers.tables.columnar import Column, record_batch
from file_service.parsers.tables.layout import Layout, layout_of


@dataclass(frozen=True, slots=True)
class Survey:
    layout: Layout
    columns: list[Column]
    row_count: int
    broken: BrokenRows

    @property
    def facts(self) -> Facts:
        return {
            "kind": "table",
            "columns": [column.facts for column in self.columns],
            "row_count": self.row_count,
            "broken_row_count": self.broken.count,
            "broken_rows": self.broken.shown,
            "encoding": self.layout.encoding,
            "delimiter": self.layout.dialect.delimiter,
            "header": self.layout.header,
        }


def survey(source: Source, task: Task) -> Survey:
    with source.open() as stream:
        layout = layout_of(stream, task)
    broken = BrokenRows()
    candidates = [ArrowCandidates() for _ in layout.names]
    row_count = 0
    with source.open() as stream:
        for batch in layout.batches(stream, broken):
            row_count += len(batch.rows)
            for candidate, cells in zip(candidates, zip(*batch.rows, strict=True), strict=True):
                candidate.see(cells)
    columns = [Column(name, c.kind, not c.canonical) for name, c in zip(layout.names, candidates, strict=True)]
    return Survey(layout, columns, row_count, broken)


def record_batches(source: Source, surveyed: Survey) -> Iterator[pa.RecordBatch]:
    """The whole table, as `columnar` has it."""
    layout, row = surveyed.layout, 0
    with source.open() as stream:
        for batch in layout.batches(stream, BrokenRows()):
            cells = [cells_of(column) for column in zip(*batch.rows, strict=True)]
            yield record_batch(surveyed.columns, row, _arrays(surveyed.columns, cells))
            row += len(batch.rows)


def _arrays(columns: list[Column], cells: list[pa.Array]) -> Iterator[pa.Array]:
    for column, texts in zip(columns, cells, strict=True):
        yield values_of(texts, column.kind)
        if column.has_text:
            yield texts
