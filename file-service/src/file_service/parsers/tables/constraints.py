"""The constraints of a Table Schema's field, each on a batch of cells at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.contract import Refused
from file_service.parsers.tables.column_types import Kind
from file_service.parsers.tables.field_values import values_where_they_fit
from file_service.parsers.tables.table_schema import Field


@dataclass(frozen=True, slots=True)
class Cells:
    """Those that are values, as they stood and as values: null where they are not."""

    texts: pa.Array
    values: pa.Array


def violations(name: str, field: Field, kind: Kind, cells: Cells) -> pa.Array:
    """True where a cell breaks the constraint; null or false where it does not."""
    return _CHECKS[name](cells, field.constraints[name], lambda bound: _typed(bound, name, field, kind))


def _typed(bound: Any, name: str, field: Field, kind: Kind) -> pa.Scalar:
    text = str(bound).lower() if isinstance(bound, bool) else str(bound)
    # A bound without a zone is in UTC.
    for written in (text, text + "Z") if kind == "instant" else (text,):
        value = values_where_they_fit(pa.array([written]), field, kind)[0]
        if value.is_valid:
            return value
    raise Refused("unsupported", f"The schema cannot be checked: {name} of its field {field.name!r} is {bound!r}")


def _length(bound: Any) -> int:
    if not isinstance(bound, int):
        raise Refused("unsupported", f"The schema cannot be checked: a length is {bound!r}")
    return bound


def _pattern(cells: Cells, pattern: Any, _typed: object) -> pa.Array:
    """RE2's, which takes time in proportion to the text whatever the pattern is."""
    try:
        return pc.invert(pc.match_substring_regex(cells.texts, f"^(?:{pattern})$"))
    except pa.ArrowInvalid as error:
        raise Refused("unsupported", f"The schema cannot be checked: its pattern is {pattern!r}") from error


def _enum(cells: Cells, choices: Any, typed: Callable[[Any], pa.Scalar]) -> pa.Array:
    if not isinstance(choices, list):
        raise Refused("unsupported", "The schema cannot be checked: an enum is no list")
    chosen = pa.array([typed(choice).as_py() for choice in choices], cells.values.type)
    return pc.and_(pc.is_valid(cells.values), pc.invert(pc.is_in(cells.values, chosen)))


_CHECKS: Final[dict[str, Callable[[Cells, Any, Callable[[Any], pa.Scalar]], pa.Array]]] = {
    "required": lambda cells, wanted, _: pc.is_null(cells.texts) if wanted else pa.nulls(len(cells.texts), pa.bool_()),
    "minLength": lambda cells, bound, _: pc.less(pc.utf8_length(cells.texts), _length(bound)),
    "maxLength": lambda cells, bound, _: pc.greater(pc.utf8_length(cells.texts), _length(bound)),
    "minimum": lambda cells, bound, typed: pc.less(cells.values, typed(bound)),
    "maximum": lambda cells, bound, typed: pc.greater(cells.values, typed(bound)),
    "pattern": _pattern,
    "enum": _enum,
}
