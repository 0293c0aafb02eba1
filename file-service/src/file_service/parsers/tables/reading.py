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
from file_service.parsers.tables.lines import FIELD_LIMIT, ROW_LIMIT, UNDECODABLE, Block

if TYPE_CHECKING:
    import _csv

# A batch has about a block, and of a wide table more blocks: each column of each batch costs something.
_BATCH_ROWS = 1_000
_BATCH_CELLS = 512 * 1024
_BATCH_BLOCKS = 8

# In characters. A file of nothing but open quotes, each of them read to a row's limit, would take for ever.
_READ_AGAIN = 32 * 1024 * 1024

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


class _RowTooLong(Exception):
    pass


class RowReader:
    """Rows with `width` fields are good ones; blank lines are none at all.

    Unless the blocks are the `whole` file, a last row that is not finished is left out.
    """

    def __init__(
        self, blocks: Iterator[Block], dialect: Dialect, width: int, broken: BrokenRows, *, whole: bool = True
    ) -> None:
        csv.field_size_limit(FIELD_LIMIT)
        self._blocks = blocks
        self._dialect = dialect
        self._width = width
        self._broken = broken
        self._whole = whole
        self._held: list[Block] = []  # what the row that is being read may have begun in
        self._put_back: list[Block] = []
        self._line = 2 if dialect.declared else 1  # where that row begins
        self._suspect = False
        self._news = 0  # blocks that came since the last batch
        self._read_again = _READ_AGAIN

    def batches(self) -> Iterator[Batch]:
        """Of about a block each. Broken rows are told to `broken` as they are met."""
        batch = Batch()
        start, reader = self._line, self._reader()
        while True:
            try:
                for row in reader:
                    self._take(row, batch, start + reader.line_num)
                    if self._news and self._enough(batch):
                        yield batch
                        self._news, batch = 0, Batch()
                break
            except csv.Error as error:
                if not self._whole and _END in str(error):
                    break
                self._report(_reason(error), start + reader.line_num)
                if start + reader.line_num == self._line + 1:  # the reader goes on there by itself
                    self._line += 1
                    continue
            except _RowTooLong:
                self._report(_TOO_LONG, start + reader.line_num)
            self._go_back(start + reader.line_num)
            start, reader = self._line, self._reader()
        yield batch

    def _reader(self) -> "_csv.Reader":
        lines = chain.from_iterable(self._supply())
        return csv.reader(lines, delimiter=self._dialect.delimiter, quotechar=self._dialect.quote, strict=True)

    def _supply(self) -> Iterator[list[str]]:
        while True:
            self._held = [block for block in self._held if block.last >= self._line]
            if sum(block.size for block in self._held) > ROW_LIMIT:
                raise _RowTooLong
            block = self._put_back.pop(0) if self._put_back else next(self._blocks, None)
            if block is None:
                return
            if block.first < self._line and not self._held:
                block = block.since(self._line)
            self._held.append(block)
            self._suspect = any(held.suspect for held in self._held)
            self._news += 1
            yield block.lines

    def _enough(self, batch: Batch) -> bool:
        rows = len(batch.rows)
        return rows >= _BATCH_ROWS or rows * self._width >= _BATCH_CELLS or self._news >= _BATCH_BLOCKS

    def _take(self, row: list[str], batch: Batch, following: int) -> None:
        """`following` is the line after the row."""
        if row and len(row) != self._width:
            self._report(f"{len(row)} fields instead of {self._width}", following)
        elif self._suspect and UNDECODABLE in "".join(row):
            self._report("bytes that are no text in the file's encoding", following)
        elif row:
            batch.rows.append(row)
            batch.lines.append(self._line)
        self._line = following

    def _go_back(self, following: int) -> None:
        """To the second line of the broken row, as long as that is affordable."""
        self._read_again -= sum(map(len, self._lines(self._line + 1, following)))
        self._line = self._line + 1 if self._read_again > 0 else following
        rest = (block.since(self._line) for block in self._held if block.last >= self._line)
        self._put_back = [*rest, *self._put_back]
        self._held = []

    def _report(self, reason: str, following: int) -> None:
        text = ""
        if not self._broken.full:
            text = "".join(line[:TEXT_SHOWN] for line in islice(self._lines(self._line, following), TEXT_SHOWN))
        self._broken.add(self._line, reason, text)

    def _lines(self, first: int, following: int) -> Iterator[str]:
        for block in self._held:
            yield from block.lines[max(0, first - block.first) : max(0, following - block.first)]


def _reason(error: csv.Error) -> str:
    return next((reason for words, reason in _REASONS.items() if words in str(error)), str(error))
