"""A table against its schema: labels, cells, keys."""

from collections.abc import Sequence
from dataclasses import replace

from file_service.parsers.contract import Facts
from file_service.parsers.tables.broken_rows import BrokenRows
from file_service.parsers.tables.inference import InferredColumn
from file_service.parsers.tables.schema_column import SchemaColumn
from file_service.parsers.tables.table_schema import Field, TableSchema
from file_service.parsers.tables.uniqueness import Allowance, Uniqueness
from file_service.parsers.tables.validation_errors import ValidationErrors

_HEADER_LINE = 1


class Validation:
    """Fields are found by the names of columns. Columns without a field, and those of type any, are inferred."""

    def __init__(self, schema: TableSchema, names: Sequence[str]) -> None:
        self._schema = schema
        self._names = list(names)
        self._errors = ValidationErrors()
        self._allowance = Allowance()
        self._keys = Uniqueness(self._allowance)
        self._check_labels()
        fields = {field.name: self._with_key(field) for field in schema.fields}
        self.readers = [self._reader(name, fields.get(name)) for name in names]

    def see_keys(self, columns: Sequence[Sequence[str]], lines: Sequence[int]) -> None:
        """Of a key of several columns; a single one is required and unique by itself."""
        if len(self._schema.key) < 2 or not set(self._schema.key) <= set(self._names):
            return
        keys = list(zip(*(columns[self._names.index(name)] for name in self._schema.key), strict=True))
        for line, key, repeated in zip(lines, keys, self._keys.repeated(keys), strict=True):
            if repeated:
                self._errors.add(line, None, "primary-key", f"The key {key!r:.200} stands in an earlier row too")

    def facts(self, broken: BrokenRows) -> Facts:
        """`unchecked` names the columns with too many values to tell whether they are unique."""
        rows = [{**row, "column": None, "code": "row-error", "message": row["reason"]} for row in broken.shown]
        shown = self._errors.shown + [{key: row[key] for key in ("line", "column", "code", "message")} for row in rows]
        count = self._errors.count + broken.count
        checks = (reader for reader in self.readers if isinstance(reader, SchemaColumn))
        unchecked = [reader.column.name for reader in checks if reader.unchecked]
        return {
            "valid": not count,
            "error_count": count,
            "errors": sorted(shown, key=lambda error: error["line"])[:100],
            "unchecked": unchecked + ([] if self._keys.checked else list(self._schema.key)),
        }

    def _check_labels(self) -> None:
        for name in self._schema.names:
            if name not in self._names:
                self._errors.add(_HEADER_LINE, name, "missing-label", "The table has no such column")
        for name in self._names:
            if name not in self._schema.names:
                self._errors.add(_HEADER_LINE, name, "extra-label", "The schema has no such field")

    def _with_key(self, field: Field) -> Field:
        if field.name not in self._schema.key:
            return field
        alone = {"unique": True} if len(self._schema.key) == 1 else {}
        return replace(field, constraints={**field.constraints, "required": True, **alone})

    def _reader(self, name: str, field: Field | None) -> InferredColumn | SchemaColumn:
        if field is None or (field.type == "any" and not field.constraints):
            return InferredColumn(name)
        return SchemaColumn(field, self._schema.missing, self._errors, self._allowance)
