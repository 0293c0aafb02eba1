"""The columnar copy of a table: Parquet, written from front to back, in groups of rows where a page is found quickly.

Column `row` counts from 0; `c0`, `c1`, … are the columns' values; `t0`, `t1`, … are the cells as they stood in the
file, of those columns whose values alone would not tell (`1.10`, `TRUE`). An empty cell is null in each.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedWriter, RawIOBase
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from file_service.parsers.contract import Output, Refused, Writer
from file_service.parsers.tables.arrow_types import ARROW
from file_service.parsers.tables.column_types import Kind, shown

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CONTENT_TYPE = "application/vnd.apache.parquet"
_PIECE = 4 * 1024 * 1024  # bytes that are handed on at once
_GROUP_ROWS = 64 * 1024
_GROUP_BYTES = 16 * 1024 * 1024
_WIDE = 200  # columns; from there on groups are larger, since the footer has to say something of each column of each
_WIDE_GROUP_BYTES = 32 * 1024 * 1024
_CHUNKS = 120_000  # columns times groups: the footer's share of memory, 1 KiB each


@dataclass(frozen=True, slots=True)
class Column:
    """`has_text`: the cells are kept as they stood, beside the values."""

    name: str
    kind: Kind
    has_text: bool = False

    @property
    def facts(self) -> dict[str, object]:
        return {"name": self.name, "type": shown(self.kind), "has_text": self.has_text}


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    fields = [pa.field("row", pa.int64(), nullable=False)]
    for position, column in enumerate(columns):
        fields.append(pa.field(f"c{position}", ARROW[column.kind]))
        if column.has_text:
            fields.append(pa.field(f"t{position}", pa.string()))
    return pa.schema(fields)


def record_batch(columns: list[Column], first_row: int, arrays: Iterable[pa.Array]) -> pa.RecordBatch:
    """`arrays` are those of the columns in the order of `schema_of`, without `row`."""
    arrays = list(arrays)
    length = len(arrays[0]) if arrays else 0
    rows = pa.array(range(first_row, first_row + length), pa.int64())
    return pa.record_batch([rows, *arrays], schema=schema_of(columns))


def write_columnar(output: Output, name: str, columns: list[Column], batches: Iterable[pa.RecordBatch]) -> None:
    """Refused with more groups of rows than a reader could look through: 2,000 columns and some 1.5 GiB."""
    schema = schema_of(columns)
    with output.object(name, CONTENT_TYPE) as writer, _parquet(writer, schema) as parquet:
        for number, group in enumerate(_groups(batches, len(schema)), start=1):
            if number * len(schema) > _CHUNKS:
                raise Refused("too-large", f"The table has too many rows for its {len(columns):,} columns")
            parquet.write_table(pa.Table.from_batches(group, schema), row_group_size=_GROUP_ROWS)


@contextmanager
def _parquet(writer: Writer, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    # None of strings: they would make the footer, which each reader has to fetch, as large as a group of rows.
    counted = [field.name for field in schema if not pa.types.is_string(field.type)]
    with (
        BufferedWriter(_Sink(writer), _PIECE) as buffer,
        pq.ParquetWriter(
            pa.PythonFile(buffer, mode="w"),
            schema,
            compression="zstd",
            use_dictionary=schema.names[1:],
            column_encoding={"row": "DELTA_BINARY_PACKED"},
            write_statistics=counted,
            write_page_index=len(schema) < _WIDE,
            store_schema=False,
        ) as parquet,
    ):
        yield parquet


def _groups(batches: Iterable[pa.RecordBatch], width: int) -> Iterator[list[pa.RecordBatch]]:
    most = _GROUP_BYTES if width < _WIDE else _WIDE_GROUP_BYTES
    group: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if group and (rows + len(batch) > _GROUP_ROWS or size + batch.nbytes > most):
            yield group
            group, rows, size = [], 0, 0
        group.append(batch)
        rows += len(batch)
        size += batch.nbytes
    if group:
        yield group


class _Sink(RawIOBase):
    """What Arrow asks of a file that is only written."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        piece = bytes(data)
        self._writer.write(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at
