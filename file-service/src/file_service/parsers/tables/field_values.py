"""The values of the cells of a schema's field: where types are given, more ways to write them are accepted."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.tables.arrow_types import ARROW, converted
from file_service.parsers.tables.column_types import PATTERNS, Kind, converts
from file_service.parsers.tables.table_schema import Field

_PATTERNS: Final[dict[Kind, str]] = PATTERNS | {
    "integer": r"[+-]?[0-9]{1,30}",
    "number": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?",
}


def values_where_they_fit(cells: pa.Array, field: Field, kind: Kind) -> pa.Array:
    """Null where a cell does not fit."""
    if kind == "string":
        return cells
    if kind == "boolean":
        return _booleans(cells, field)
    formed = pc.if_else(_has_form(cells, kind), pc.ascii_ltrim(cells, "+"), None)
    values = converted(formed, kind)
    if values is None:  # some are of the right form, and yet no day of the calendar
        sound = [cell if cell is not None and converts(kind, cell) else None for cell in formed.to_pylist()]
        values = converted(pa.array(sound, pa.string()), kind)
    assert values is not None
    return values


def kind_of_field(field: Field, cells: pa.Array) -> Kind:
    """Whether datetimes have a zone is told by the majority of the first that are seen."""
    if field.type == "datetime":
        zoned, local = (pc.sum(_has_form(cells, kind)).as_py() or 0 for kind in ("instant", "datetime"))
        return "instant" if zoned > local else "datetime"
    return next((kind for kind in ARROW if kind == field.type), "string")  # any


def _has_form(cells: pa.Array, kind: Kind) -> pa.Array:
    return pc.match_substring_regex(cells, f"^(?:{_PATTERNS[kind]})$")


def _booleans(cells: pa.Array, field: Field) -> pa.Array:
    true, false = (pa.array(texts, pa.string()) for texts in (field.true_values, field.false_values))
    known = pc.or_(pc.is_in(cells, true), pc.is_in(cells, false))
    return pc.if_else(known, pc.is_in(cells, true), pa.scalar(None, pa.bool_()))
