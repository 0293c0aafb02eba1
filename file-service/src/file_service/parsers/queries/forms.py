"""The forms in which rows are handed out. Each writes what stands before the rows, the rows, and what stands after."""

import json
from collections.abc import Sequence
from typing import ClassVar, Protocol

import pyarrow as pa

from file_service.parsers.queries.cells import csv_cells, json_cells, lines
from file_service.parsers.queries.query import Column, Query


class Form(Protocol):
    content_type: ClassVar[str]

    def head(self) -> bytes: ...

    def rows(self, batch: pa.RecordBatch) -> bytes:
        """`batch` has the columns that are shown, and a row at least."""
        ...

    def tail(self, row_count: int) -> bytes:
        """`row_count` is how many rows match, shown or not."""
        ...


class JsonPage:
    content_type: ClassVar[str] = "application/json"

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._begun = False

    def head(self) -> bytes:
        columns = [{"name": column.name, "type": column.type} for column in self._columns]
        return f'{{"columns":{_json(columns)},"rows":['.encode()

    def rows(self, batch: pa.RecordBatch) -> bytes:
        parts = [part for column in batch.columns for part in (",", json_cells(column))]
        written = lines([",[", *parts[1:], "]"], empty="null")
        first, self._begun = not self._begun, True
        return written[1:] if first else written

    def tail(self, row_count: int) -> bytes:
        return f'],"row_count":{row_count}}}'.encode()


class JsonLines:
    """An object a line (https://github.com/ndjson/ndjson-spec)."""

    content_type: ClassVar[str] = "application/x-ndjson"

    def __init__(self, columns: Sequence[Column]) -> None:
        # A line's beginning, too, goes before the first name.
        self._names = [f"{'{' if not at else ','}{_json(column.name)}:" for at, column in enumerate(columns)]

    def head(self) -> bytes:
        return b""

    def rows(self, batch: pa.RecordBatch) -> bytes:
        cells = map(json_cells, batch.columns)
        parts = [part for pair in zip(self._names, cells, strict=True) for part in pair]
        return lines([*parts, "}\n"], empty="null")

    def tail(self, row_count: int) -> bytes:
        return b""


class Csv:
    """RFC 4180, with a header."""

    content_type: ClassVar[str] = "text/csv; charset=utf-8; header=present"

    def __init__(self, columns: Sequence[Column], *, formula_safe: bool) -> None:
        self._columns = columns
        self._formula_safe = formula_safe

    def head(self) -> bytes:
        names = [pa.array([column.name]) for column in self._columns]
        cells = [csv_cells(name, formula_safe=self._formula_safe) for name in names]
        return self._lines(cells) if cells else b""

    def rows(self, batch: pa.RecordBatch) -> bytes:
        # Numbers and dates are what they are: a minus runs nothing.
        return self._lines(
            [
                csv_cells(cells, formula_safe=self._formula_safe and column.type == "string")
                for column, cells in zip(self._columns, batch.columns, strict=True)
            ]
        )

    def tail(self, row_count: int) -> bytes:
        return b""

    def _lines(self, cells: list[pa.Array]) -> bytes:
        parts = [part for column in cells for part in (",", column)]
        # A line with nothing on it is no row to most readers.
        return lines([*parts[1:], "\r\n"], empty='""' if len(cells) == 1 else "")


def form_of(query: Query) -> Form:
    match query.format:
        case "json":
            return JsonPage(query.shown)
        case "ndjson":
            return JsonLines(query.shown)
        case "csv":
            return Csv(query.shown, formula_safe=query.formula_safe)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
