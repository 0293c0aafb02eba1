"""The rows of a CSV file, a batch at a time, and what becomes of those that are broken.

The reader is the standard library's, in its strict mode: text after a closing quote is no cell but the sign of a
quote that was left open some lines before. After a broken row, reading goes on with the next physical line.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING

from file_service.parsers.tables.broken_rows import TEXT_SHOWN, BrokenRows
from file_service.parsers.tables.dialect import Dialect
from file_service.parsers.tables.lines import FIELD_LIMIT, UNDECODABLE, Block
from file_service.parsers.tables.supply import RowTooLong, Supply

if TYPE_CHECKING:
    import _csv

# A batch has about a block, and of a wide table more blocks: each column of each batch costs something.
_BATCH_ROWS = 1_000
_BATCH_CELLS = 512 * 1024
_BATCH_BLOCKS = 8

_TOO_LONG = "a row of more than 4 MiB"
_END = "unexpected end"
_REASONS = {
    "field larger": "a field of more than 1 MiB",
    _END: "a quote that is never closed",
    "expected after": "text after a closing quote",
}


@dataclass(slots=True)
class Batch:
    """Rows of one width, and the physical lines (from 1) where they begin."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


class RowReader:
    """Rows with `width` fields are good ones; blank lines are none at all.

    Unless the blocks are the `whole` file, a last row that is not finished is left out.
    """

    def __init__(
        self, blocks: Iterator[Block], dialect: Dialect, width: int, broken: BrokenRows, *, whole: bool = True
    ) -> None:
        csv.field_size_limit(FIELD_LIMIT)
        self._supply = Supply(blocks, 2 if dialect.declared else 1)
        self._dialect = dialect
        self._width = width
        self._broken = broken
        self._whole = whole

    def batches(self) -> Iterator[Batch]:
        """Broken rows are told to `broken` as they are met."""
        supply, batch = self._supply, Batch()
        start, reader = supply.line, self._reader()
        while True:
            try:
                for row in reader:
                    self._take(row, batch, start + reader.line_num)
                    if supply.news and self._enough(batch):
                        yield batch
                        supply.news, batch = 0, Batch()
                break
            except csv.Error as error:
                if not self._whole and _END in str(error):
                    break
                self._report(_reason(error), start + reader.line_num)
                if start + reader.line_num == supply.line + 1:  # the reader goes on there by itself
                    supply.line += 1
                    continue
            except RowTooLong:
                self._report(_TOO_LONG, start + reader.line_num)
            supply.go_back(start + reader.line_num)
            start, reader = supply.line, self._reader()
        yield batch

    def _reader(self) -> "_csv.Reader":
        lines = chain.from_iterable(self._supply.lines())
        return csv.reader(lines, delimiter=self._dialect.delimiter, quotechar=self._dialect.quote, strict=True)

    def _enough(self, batch: Batch) -> bool:
        rows = len(batch.rows)
        return rows >= _BATCH_ROWS or rows * self._width >= _BATCH_CELLS or self._supply.news >= _BATCH_BLOCKS

    def _take(self, row: list[str], batch: Batch, following: int) -> None:
        """`following` is the line after the row."""
        supply = self._supply
        if row and len(row) != self._width:
            self._report(f"{len(row)} fields instead of {self._width}", following)
        elif supply.suspect and UNDECODABLE in "".join(row):
            self._report("bytes that are no text in the file's encoding", following)
        elif row:
            batch.rows.append(row)
            batch.lines.append(supply.line)
        supply.line = following

    def _report(self, reason: str, following: int) -> None:
        text = ""
        if not self._broken.full:
            lines = islice(self._supply.held(self._supply.line, following), TEXT_SHOWN)
            text = "".join(line[:TEXT_SHOWN] for line in lines)
        self._broken.add(self._supply.line, reason, text)


def _reason(error: csv.Error) -> str:
    return next((reason for words, reason in _REASONS.items() if words in str(error)), str(error))
