"""How a CSV file is laid out, as its beginning tells: encoding, dialect, and the names of the columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import BinaryIO

from file_service.parsers.contract import Task
from file_service.parsers.encoding import encoding_of
from file_service.parsers.tables.broken_rows import BrokenRows
from file_service.parsers.tables.column_types import kind_of
from file_service.parsers.tables.dialect import Dialect, dialect_of, sample_rows, usual_width
from file_service.parsers.tables.header import check_width, column_names, is_header
from file_service.parsers.tables.lines import UNDECODABLE, Block, blocks, decoded, lines_of
from file_service.parsers.tables.passage import telling_passage
from file_service.parsers.tables.reading import Batch, RowReader

_SAMPLE = 256 * 1024  # bytes that decide on all but the encoding
_ROWS = 100


@dataclass(frozen=True, slots=True)
class Layout:
    encoding: str
    dialect: Dialect
    names: tuple[str, ...]
    header: bool

    def batches(self, stream: BinaryIO, broken: BrokenRows, *, whole: bool = True) -> Iterator[Batch]:
        """The rows below the header, and none of the batches is empty."""
        heading = self.header
        supply = blocks(stream, self.encoding, whole=whole)
        for batch in RowReader(supply, self.dialect, len(self.names), broken, whole=whole).batches():
            first, heading = (1, False) if heading and batch.rows else (0, heading)
            if len(batch.rows) > first:
                yield Batch(batch.rows[first:], batch.lines[first:])


def layout_of(stream: BinaryIO, task: Task, *, whole: bool = True, labels: Sequence[str] = ()) -> Layout:
    """`stream` is at its beginning, and the `whole` file or a part of it. Refused with too many columns.

    One of the `labels` makes a row a header that does not look like one.
    """
    passage, at_end = telling_passage(stream)
    encoding = encoding_of(passage, whole=whole and at_end)
    stream.seek(0)
    sample = stream.read(_SAMPLE)
    whole = whole and len(sample) < _SAMPLE
    lines = lines_of(decoded(sample, encoding, whole=whole))
    lines = lines if whole else lines[:-1] or lines
    dialect = dialect_of(lines, tabs=_is_tabbed(task))
    width = usual_width(sample_rows(lines, dialect))
    check_width(width)
    first, *below = _first_rows(lines, dialect, width) or [[""] * width]
    header = _is_header(first, below) or not {name.strip() for name in first}.isdisjoint(labels)
    return Layout(encoding, dialect, tuple(column_names(first if header else [""] * width)), header)


def _first_rows(lines: list[str], dialect: Dialect, width: int) -> list[list[str]]:
    """As the whole file will be read."""
    text = "".join(lines)
    block = Block(1, lines, len(text), UNDECODABLE in text)
    batches = RowReader(iter([block]), dialect, width, BrokenRows(), whole=False).batches()
    return list(islice(chain.from_iterable(batch.rows for batch in batches), _ROWS + 1))


def _is_header(first: list[str], below: list[list[str]]) -> bool:
    columns = zip(*below, strict=True) if below else repeat((), len(first))
    return is_header(first, [kind_of([cell]) for cell in first], [kind_of(column) for column in columns])


def _is_tabbed(task: Task) -> bool:
    return task.filename.lower().endswith((".tsv", ".tab")) or "tab-separated" in task.content_type
