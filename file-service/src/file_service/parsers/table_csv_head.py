"""The first rows of a CSV file, at once: for the answer to an upload. It imports nothing that takes time."""

from collections.abc import Sequence
from io import BytesIO

from file_service.parsers.contract import Facts, Output, Source, Task
from file_service.parsers.tables.broken_rows import BrokenRows
from file_service.parsers.tables.collection import no_collection
from file_service.parsers.tables.column_types import Candidates, Kind, json_value, shown
from file_service.parsers.tables.layout import Layout, layout_of

_HEAD = 4 * 1024 * 1024  # bytes
_ROWS = 100


def parse(source: Source, task: Task, _output: Output) -> Facts:
    """Types and counts are of the first 4 MiB, `rows` as many as the option of that name says; derives no object."""
    with source.open() as stream:
        head = BytesIO(stream.read(_HEAD))
    complete = source.size <= _HEAD
    layout = layout_of(head, task, whole=complete)
    head.seek(0)
    broken = BrokenRows()
    candidates = [Candidates() for _ in layout.names]
    rows: list[list[str]] = []
    count, wanted = 0, int(task.options.get("rows", _ROWS))
    with no_collection():
        for batch in layout.batches(head, broken, whole=complete):
            count += len(batch.rows)
            rows += batch.rows[: wanted - len(rows)]
            for candidate, cells in zip(candidates, zip(*batch.rows, strict=True), strict=True):
                candidate.seen(cells)
    return {
        **_table(layout, [candidate.kind for candidate in candidates], rows),
        "row_count": count if complete else None,
        "broken_row_count": broken.count,
        "broken_rows": broken.shown,
        "encoding": layout.encoding,
        "delimiter": layout.dialect.delimiter,
        "header": layout.header,
        "complete": complete,
    }


def _table(layout: Layout, kinds: Sequence[Kind], rows: list[list[str]]) -> Facts:
    return {
        "columns": [{"name": name, "type": shown(kind)} for name, kind in zip(layout.names, kinds, strict=True)],
        "rows": [[json_value(kind, cell) for kind, cell in zip(kinds, row, strict=True)] for row in rows],
    }
