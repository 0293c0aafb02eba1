"""Finds the way to the rows of a query that reads least."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from file_service.parsers.contract import Refused
from file_service.parsers.queries.conditions import condition
from file_service.parsers.queries.finding import Tally, matching, numbered, window
from file_service.parsers.queries.ordering import Ordering
from file_service.parsers.queries.pieces import Copy
from file_service.parsers.queries.query import Query

PAGE_ROWS: Final = 10_000  # of an ordered page that is put together in memory
PAGE_BYTES: Final = 16 * 1024 * 1024  # of it, in Arrow; as Python's objects it is some times that

_BATCH_ROWS = 1024


def answer(query: Query, copy: Copy, tally: Tally, scratch: str | None) -> Iterator[pa.RecordBatch]:
    """The rows that are wanted, with the columns that are shown; once it has ended, `tally` has all rows that match.

    Refused, before the first rows, where they cannot be put in order.
    """
    wanted = condition(query.where, copy.schema) if query.where else None
    if query.order and query.limit != 0:
        ordering = Ordering(copy, wanted, query.order, tally, scratch)
        if query.limit is not None and query.limit <= PAGE_ROWS:
            return _page(copy, query.fields, ordering.numbers(query.offset, query.limit))
        return ordering.batches(query.fields, query.offset, query.limit)
    if wanted:
        return matching(copy, wanted, query.fields, query.offset, query.end, tally)
    tally.rows = query.table_rows
    return window(copy, query.fields, query.offset, query.end)


def _page(copy: Copy, fields: Sequence[str], numbers: list[int]) -> Iterator[pa.RecordBatch]:
    """The sort has seen but the keys: what is shown of so few rows is fetched afterwards.

    They are kept as Python's objects. Small arrays, each among the large ones that it was taken from, would hold the
    memory of these.
    """
    rows, size = dict[int, tuple[Any, ...]](), 0
    for found, batch in numbered(copy, fields, sorted(numbers)):
        size += batch.nbytes
        if size > PAGE_BYTES:
            raise Refused("too-large", f"The rows of the page are together larger than {PAGE_BYTES >> 20} MiB")
        columns = [column.to_pylist() for column in batch.columns]
        rows.update(zip(found, zip(*columns, strict=True), strict=True))
    schema = pa.schema([copy.schema.field(name) for name in fields])
    for start in range(0, len(numbers), _BATCH_ROWS):
        cells = zip(*(rows[number] for number in numbers[start : start + _BATCH_ROWS]), strict=True)
        yield pa.record_batch([pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)], schema=schema)
