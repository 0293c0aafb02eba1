"""A columnar copy of a table, seen as pieces: runs of rows that are read one after another, only as far as needed."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc


class Piece(Protocol):
    @property
    def first(self) -> int:
        """The number of its first row in the table, from 0."""
        ...

    @property
    def count(self) -> int:
        """Of its rows."""
        ...

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """All rows, some thousands at a time, with these columns in this order."""
        ...


class Copy(Protocol):
    schema: pa.Schema

    def pieces(self, condition: pc.Expression | None = None) -> Sequence[Piece]:
        """In order, without those where `condition` is plainly true of no row."""
        ...
