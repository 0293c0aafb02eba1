"""A CSV file: a columnar copy of its rows, from which a page of any table is read quickly, in constant memory."""

from file_service.parsers.contract import Facts, Output, Source, Task
from file_service.parsers.tables import memory  # noqa: F401  (sets Arrow up)
from file_service.parsers.tables.collection import no_collection
from file_service.parsers.tables.columnar import write_columnar
from file_service.parsers.tables.survey import record_batches, survey


def parse(source: Source, task: Task, output: Output) -> Facts:
    """The object `rows.parquet`, laid out as `columnar` says."""
    with no_collection():
        surveyed = survey(source, task)
        write_columnar(output, "rows.parquet", surveyed.columns, record_batches(source, surveyed))
    return surveyed.facts
