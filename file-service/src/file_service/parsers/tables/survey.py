"""A CSV file read twice: first to learn what its columns are, then to have them. The types depend on every row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from file_service.parsers.contract import Facts, Source, Task
from file_service.parsers.tables.arrow_types import cells_of
from file_service.parsers.tables.broken_rows import BrokenRows
from file_service.parsers.tables.columnar import Column, record_batch
from file_service.parsers.tables.inference import InferredColumn
from file_service.parsers.tables.layout import Layout, layout_of
from file_service.parsers.tables.table_schema import table_schema
from file_service.parsers.tables.validation import Validation


class ColumnReader(Protocol):
    """Sees every cell of its column before it is asked what the column is, and for values."""

    @property
    def column(self) -> Column: ...

    def see(self, column: Sequence[str], lines: Sequence[int]) -> None: ...

    def values(self, cells: pa.Array) -> pa.Array: ...


@dataclass(frozen=True, slots=True)
class Survey:
    layout: Layout
    readers: Sequence[ColumnReader]
    row_count: int
    broken: BrokenRows
    validation: Validation | None

    @property
    def columns(self) -> list[Column]:
        return [reader.column for reader in self.readers]

    @property
    def facts(self) -> Facts:
        facts: Facts = {
            "kind": "table",
            "columns": [column.facts for column in self.columns],
            "row_count": self.row_count,
            "broken_row_count": self.broken.count,
            "broken_rows": self.broken.shown,
            "encoding": self.layout.encoding,
            "delimiter": self.layout.dialect.delimiter,
            "header": self.layout.header,
        }
        return facts if self.validation is None else facts | {"validation": self.validation.facts(self.broken)}


def survey(source: Source, task: Task) -> Survey:
    """With the option `schema`, a Table Schema, types are not inferred but checked."""
    schema = table_schema(task.options["schema"]) if "schema" in task.options else None
    with source.open() as stream:
        layout = layout_of(stream, task, labels=schema.names if schema else ())
    validation = Validation(schema, layout.names) if schema else None
    readers = validation.readers if validation else [InferredColumn(name) for name in layout.names]
    broken = BrokenRows()
    row_count = 0
    with source.open() as stream:
        for batch in layout.batches(stream, broken):
            row_count += len(batch.rows)
            columns = list(zip(*batch.rows, strict=True))
            for reader, column in zip(readers, columns, strict=True):
                reader.see(column, batch.lines)
            if validation:
                validation.see_keys(columns, batch.lines)
    return Survey(layout, readers, row_count, broken, validation)


def record_batches(source: Source, surveyed: Survey) -> Iterator[pa.RecordBatch]:
    """The whole table, as `columnar` has it."""
    columns, row = surveyed.columns, 0
    with source.open() as stream:
        for batch in surveyed.layout.batches(stream, BrokenRows()):
            cells = [cells_of(column) for column in zip(*batch.rows, strict=True)]
            yield record_batch(columns, row, _arrays(surveyed.readers, columns, cells))
            row += len(batch.rows)


def _arrays(readers: Sequence[ColumnReader], columns: list[Column], cells: list[pa.Array]) -> Iterator[pa.Array]:
    for reader, column, texts in zip(readers, columns, cells, strict=True):
        yield reader.values(texts)
        if column.has_text:
            yield texts
