"""A columnar copy in a Parquet file, where a row group is a piece."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from file_service.parsers.queries.pieces import Piece

BATCH_BYTES: Final = 4 * 1024 * 1024  # before they were compressed; what a batch takes follows from it
BATCH_ROWS: Final = 16 * 1024

_READ_AHEAD = 64 * 1024  # columns that are not asked for lie between those that are


def sparing(file: BinaryIO) -> BinaryIO:
    """The same, which reads no more than a little ahead."""
    return io.BufferedReader(file.detach(), _READ_AHEAD) if isinstance(file, io.BufferedReader) else file


class ParquetCopy:
    """`footer` is the file's own, where it was read before. pyarrow's errors for what is no such file.

    Nothing is read ahead or in another thread: the file and what is written share one pipe, and take turns.
    """

    def __init__(self, file: BinaryIO, footer: pq.FileMetaData | None = None) -> None:
        self._file = file
        self._parquet = pq.ParquetFile(file, metadata=footer, pre_buffer=False)
        self.footer: pq.FileMetaData = self._parquet.metadata
        self.schema: pa.Schema = self._parquet.schema_arrow

    def pieces(self, condition: pc.Expression | None = None) -> Sequence[Piece]:
        counts = [self.footer.row_group(group).num_rows for group in range(self.footer.num_row_groups)]
        starts = [0, *accumulate(counts)]
        groups = range(len(counts)) if condition is None else self._groups(condition)
        return [_RowGroup(self._parquet, group, starts[group], counts[group]) for group in groups]

    def _groups(self, condition: pc.Expression) -> list[int]:
        """By the statistics in the footer."""
        fragment = ds.ParquetFileFormat().make_fragment(self._file)
        return [group.id for group in fragment.subset(condition, schema=self.schema).row_groups]


@dataclass(frozen=True, slots=True)
class _RowGroup:
    parquet: pq.ParquetFile
    group: int
    first: int
    count: int

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        read = self.parquet.iter_batches(
            batch_size=self._batch_rows(columns), row_groups=[self.group], columns=list(columns), use_threads=False
        )
        for batch in read:
            yield batch.select(list(columns))

    def _batch_rows(self, columns: Sequence[str]) -> int:
        group = self.parquet.metadata.row_group(self.group)
        chunks = map(group.column, range(group.num_columns))
        size: int = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema in columns)
        return max(1, min(BATCH_ROWS, BATCH_BYTES * self.count // max(1, size)))
