"""The first rows of a small CSV file, all of which is judged by the Table Schema that it came with."""

from datetime import UTC, date, datetime
from typing import Any

from file_service.parsers.contract import Facts, Output, Source, Task
from file_service.parsers.tables import memory  # noqa: F401  (sets Arrow up)
from file_service.parsers.tables.small import arrow_table

_ROWS = 100


def parse(source: Source, task: Task, _output: Output) -> Facts:
    """What `csv-head` tells of a file that it reads whole, and `validation`; derives no object."""
    table, facts = arrow_table(source, task)
    first = table.slice(0, int(task.options.get("rows", _ROWS))).to_pydict()
    cells = [first[f"c{position}"] for position in range(len(facts["columns"]))]
    rows = [[_json_value(cell) for cell in row] for row in zip(*cells, strict=True)]
    return {**facts, "rows": rows, "complete": True}


def _json_value(cell: Any) -> Any:
    """A datetime in RFC 3339, in UTC with a zone."""
    match cell:
        case datetime() if cell.tzinfo is not None:
            return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return cell.isoformat()
    return cell
