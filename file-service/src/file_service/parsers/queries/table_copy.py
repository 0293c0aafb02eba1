"""A columnar copy in memory, of a table that is too small for a file of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.queries.pieces import Piece

_BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True)
class _Table:
    table: pa.Table
    count: int
    first: int = 0

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        return iter(self.table.select(list(columns)).to_batches(_BATCH_ROWS))


class TableCopy:
    def __init__(self, table: pa.Table) -> None:
        self.schema: pa.Schema = table.schema
        self._table = table

    def pieces(self, condition: pc.Expression | None = None) -> Sequence[Piece]:
        return [_Table(self._table, self._table.num_rows)]
