"""Answers a query on a table: a page of its rows or all that match, as JSON, CSV or lines of JSON.

It reads the columnar copy (`queries.parquet_copy`), or the CSV file itself where that is small.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO, Final

import pyarrow as pa

from file_service.parsers.contract import Facts, Output, Refused, Source, Task
from file_service.parsers.queries.answering import answer
from file_service.parsers.queries.finding import Tally
from file_service.parsers.queries.footers import Footers
from file_service.parsers.queries.forms import form_of
from file_service.parsers.queries.parquet_copy import ParquetCopy, sparing
from file_service.parsers.queries.pieces import Copy
from file_service.parsers.queries.query import Query
from file_service.parsers.queries.table_copy import TableCopy
from file_service.parsers.tables.small import arrow_table

CHUNK_BYTES: Final = 512 * 1024  # of rows, before they are written; a call for each column of fewer rows costs more

_UNREADABLE = "The table cannot be read"

_footers = Footers()


def parse(source: Source, task: Task, output: Output) -> Facts:
    """Options are those of `Selection.options` and what stands beside them there: `source` is "parquet" or "csv",
    `columns` and `row_count` are facts of the parser `csv`, and `key`, where given, names these very bytes for ever.

    One object, `page`. Facts: `row_count`, the rows that match, and `rows`, those that were written.
    Refused: "broken" for what is no copy of such a table, "too-large" for rows that cannot be put in order.
    """
    try:
        if task.options["source"] == "csv":
            table, facts = arrow_table(source, task)
            return _answered({**task.options, **facts}, TableCopy(table), task, output)
        with sparing(source.open()) as file:
            return _answered(task.options, _parquet_copy(file, task.options.get("key")), task, output)
    except MemoryError:  # Arrow's is one of its exceptions as well
        raise
    except (pa.ArrowException, OSError) as error:
        raise Refused("broken", _UNREADABLE) from error


def _parquet_copy(file: BinaryIO, key: str | None) -> ParquetCopy:
    copy = ParquetCopy(file, _footers.get(key))
    _footers.keep(key, copy.footer)
    return copy


def _answered(options: Mapping[str, Any], copy: Copy, task: Task, output: Output) -> Facts:
    query, tally, rows = Query.of(options), Tally(), 0
    if not query.stored <= set(copy.schema.names):
        raise Refused("broken", _UNREADABLE)
    form, found = form_of(query), answer(query, copy, tally, task.scratch)
    # What is refused, is refused before the answer begins.
    first = next(found, None)
    with output.object("page", form.content_type) as page:
        page.write(form.head())
        for batch in chain([] if first is None else [first], found):
            for chunk in _chunks(batch):
                page.write(form.rows(chunk))
            rows += batch.num_rows
        page.write(form.tail(tally.rows))
    return {"row_count": tally.rows, "rows": rows}


def _chunks(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = max(1, batch.num_rows * CHUNK_BYTES // max(1, batch.nbytes))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)
