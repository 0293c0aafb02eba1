"""Tables for queries: made as the columnar copy is, asked as the service asks."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from parsing import Outcome, parsed

from file_service.parsers.contract import Task
from file_service.parsers.rows import parse
from file_service.rows.columns import Column, ColumnType
from file_service.rows.selection import Format, Selection

ARROW: dict[ColumnType, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}


@dataclass(frozen=True)
class RowTable:
    """`texts` are the cells of a column, by its position, as they stood in the file. A row group has `group` rows."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    texts: Mapping[int, Sequence[str | None]] | None = None
    types: Mapping[int, pa.DataType] | None = None
    group: int = 100

    @cached_property
    def parquet(self) -> bytes:
        arrays = {"row": pa.array(range(len(self.rows)), pa.int64())}
        for position, column in enumerate(self.columns):
            kind = (self.types or {}).get(position, ARROW[column.type])
            arrays[f"c{position}"] = pa.array([row[position] for row in self.rows], kind)
            if position in (self.texts or {}):
                arrays[f"t{position}"] = pa.array((self.texts or {})[position], pa.string())
        written = io.BytesIO()
        pq.write_table(pa.table(arrays), written, row_group_size=self.group)
        return written.getvalue()

    def options(self, selection: Selection, form: Format = "json", *, formula_safe: bool = False) -> dict[str, Any]:
        columns = [
            {"name": column.name, "type": column.type, "has_text": position in (self.texts or {})}
            for position, column in enumerate(self.columns)
        ]
        told = {"source": "parquet", "columns": columns, "row_count": len(self.rows)}
        return told | selection.options(format=form, formula_safe=formula_safe)

    def asked(
        self,
        form: Format = "json",
        *,
        formula_safe: bool = False,
        scratch: Path | None = None,
        **selection: Any,
    ) -> Outcome:
        options = self.options(Selection.of(self.columns, **selection), form, formula_safe=formula_safe)
        return parsed("rows", self.parquet, options=options, scratch=scratch)

    def page(self, **selection: Any) -> dict[str, Any]:
        """Answered in this process: many questions, each in a process of its own, would take minutes."""
        answer = _Answer()
        source = SimpleNamespace(size=len(self.parquet), open=lambda: io.BytesIO(self.parquet))
        parse(source, Task("", "", self.options(Selection.of(self.columns, **selection))), answer)
        page: dict[str, Any] = json.loads(answer.data)
        return page


class _Answer:
    def __init__(self) -> None:
        self.data = b""

    @contextmanager
    def object(self, name: str, content_type: str) -> Iterator["_Answer"]:
        yield self

    def passage(self, page: int, text: str) -> None:
        raise AssertionError

    def write(self, data: bytes) -> None:
        self.data += data
