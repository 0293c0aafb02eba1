"""A CSV file as a table in memory, in the layout of its columnar copy: for files that are small."""

import pyarrow as pa

from file_service.parsers.contract import Facts, Source, Task
from file_service.parsers.tables.columnar import schema_of
from file_service.parsers.tables.survey import record_batches, survey


def arrow_table(source: Source, task: Task) -> tuple[pa.Table, Facts]:
    """The table, and the facts of the parser `csv`. The file is held whole: its size is for the caller to limit."""
    surveyed = survey(source, task)
    batches = record_batches(source, surveyed)
    return pa.Table.from_batches(batches, schema_of(surveyed.columns)), surveyed.facts
