"""A column that a schema's field describes: its cells are checked, and are null where they do not fit."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.tables.arrow_types import cells_of, written
from file_service.parsers.tables.column_types import Kind
from file_service.parsers.tables.columnar import Column
from file_service.parsers.tables.constraints import Cells, violations
from file_service.parsers.tables.field_values import kind_of_field, values_where_they_fit
from file_service.parsers.tables.table_schema import Field
from file_service.parsers.tables.uniqueness import Allowance, Uniqueness
from file_service.parsers.tables.validation_errors import ValidationErrors, quoted

_ARTICLES: Final = {"integer": "an"}


class SchemaColumn:
    def __init__(self, field: Field, missing: Sequence[str], errors: ValidationErrors, allowance: Allowance) -> None:
        self._field = field
        self._missing = pa.array(missing, pa.string())
        self._errors = errors
        self._kind: Kind | None = None
        self._canonical = True
        self._constraints = {name: bound for name, bound in field.constraints.items() if name != "unique"}
        self._uniqueness = Uniqueness(allowance) if field.constraints.get("unique") else None

    @property
    def column(self) -> Column:
        kind = self._kind or kind_of_field(self._field, pa.array([], pa.string()))
        return Column(self._field.name, kind, has_text=not self._canonical)

    @property
    def unchecked(self) -> bool:
        return self._uniqueness is not None and not self._uniqueness.checked

    def values(self, cells: pa.Array) -> pa.Array:
        return values_where_they_fit(self._present(cells), self._field, self.column.kind)

    def see(self, column: Sequence[str], lines: Sequence[int]) -> None:
        texts = cells_of(column)
        present = self._present(texts)
        if self._kind is None and present.null_count < len(present):
            self._kind = kind_of_field(self._field, present)
        cells = Cells(present, self.values(texts))
        self._canonical = self._canonical and written(cells.values).equals(texts)
        self._check_type(cells, column, lines)
        for name, bound in self._constraints.items():
            wrong = violations(name, self._field, self.column.kind, cells)
            self._add(wrong, lines, "constraint-error", column, f"breaks the constraint {name}: {bound!s:.100}")
        self._check_uniqueness(cells, column, lines)

    def _check_type(self, cells: Cells, column: Sequence[str], lines: Sequence[int]) -> None:
        wrong = pc.and_(pc.is_valid(cells.texts), pc.is_null(cells.values))
        article = _ARTICLES.get(self._field.type, "a")
        self._add(wrong, lines, "type-error", column, f"is not {article} {self._field.type}")

    def _check_uniqueness(self, cells: Cells, column: Sequence[str], lines: Sequence[int]) -> None:
        if self._uniqueness:
            wrong = self._uniqueness.repeated(written(cells.values).to_pylist())
            self._add(pa.array(wrong, pa.bool_()), lines, "unique-error", column, "stands in an earlier row too")

    def _add(self, wrong: pa.Array, lines: Sequence[int], code: str, column: Sequence[str], what: str) -> None:
        self._errors.add_where(wrong, lines, self._field.name, code, lambda place: f"{quoted(column[place])} {what}")

    def _present(self, cells: pa.Array) -> pa.Array:
        if len(self._missing) == 1:  # the empty text, which is null already
            return cells
        return pc.if_else(pc.is_in(cells, self._missing), pa.scalar(None, pa.string()), cells)
