"""CSV files for tests, read in this process by the parsers' own parts: a table in memory, and the first rows."""

import codecs
from io import BytesIO
from typing import Any, BinaryIO

import pyarrow as pa

from file_service.parsers.contract import Task
from file_service.parsers.table_csv_head import parse
from file_service.parsers.tables.small import arrow_table


class BytesSource:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def open(self) -> BinaryIO:
        return BytesIO(self.data)


def table_of(data: bytes | str, **given: Any) -> tuple[pa.Table, dict[str, Any]]:
    return arrow_table(BytesSource(_bytes(data)), _task(**given))


def head_of(data: bytes | str, **given: Any) -> dict[str, Any]:
    return parse(BytesSource(_bytes(data)), _task(**given), None)  # type: ignore[arg-type]


def rows_of(table: pa.Table) -> list[list[Any]]:
    """The values, without what stands beside them."""
    return [list(row.values()) for row in table.select(_values(table)).to_pylist()]


def cells_of(table: pa.Table) -> list[list[str]]:
    """The cells as they stood in the file."""
    from file_service.parsers.tables.arrow_types import written

    texts = [
        table[f"t{name[1:]}"] if f"t{name[1:]}" in table.column_names else written(table[name].combine_chunks())
        for name in _values(table)
    ]
    return [["" if cell is None else cell for cell in row] for row in zip(*(t.to_pylist() for t in texts), strict=True)]


def types_of(facts: dict[str, Any]) -> list[str]:
    return [column["type"] for column in facts["columns"]]


def names_of(facts: dict[str, Any]) -> list[str]:
    return [column["name"] for column in facts["columns"]]


def _values(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name.startswith("c")]


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else codecs.encode(data, "utf-8")


def _task(filename: str = "table.csv", content_type: str = "text/csv", **options: Any) -> Task:
    return Task(content_type, filename, options)
