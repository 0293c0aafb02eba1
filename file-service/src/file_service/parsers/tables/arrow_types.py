"""The rules of `column_types` for whole columns of cells at once, and how a value is written."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.tables.column_types import PATTERNS, Kind

ARROW: Final[dict[Kind, pa.DataType]] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
}
_RANGES: Final[dict[Kind, tuple[str, str]]] = {
    "number": ("-1.7976931348623157e308", "1.7976931348623157e308"),
    "date": ("0001-01-01", "9999-12-31"),
    "datetime": ("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"),
    "instant": ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
}
_LIMITS = {kind: pa.array(ends).cast(ARROW[kind]) for kind, ends in _RANGES.items()}
_TIME = slice(10, 11)  # what Arrow writes as a blank, and RFC 3339 as a T


def cells_of(column: Sequence[str]) -> pa.Array:
    """As strings, null where a cell is empty."""
    cells = pa.array(column, pa.string())
    if not len(cells) or pc.min(pc.binary_length(cells)).as_py():
        return cells
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)


def values_of(cells: pa.Array, kind: Kind) -> pa.Array | None:
    """None where one of them does not fit."""
    if kind == "string":
        return cells
    if pc.all(pc.match_substring_regex(cells, f"^(?:{PATTERNS[kind]})$")).as_py() is False:
        return None
    return pc.equal(pc.ascii_lower(cells), "true") if kind == "boolean" else converted(cells, kind)


def converted(cells: pa.Array, kind: Kind) -> pa.Array | None:
    """Cells that have the form already; None where there is no such value."""
    try:
        values = cells.cast(ARROW[kind])
    except pa.ArrowInvalid:  # out of its range, or no day of the calendar
        return None
    return values if kind not in _LIMITS or _within(values, _LIMITS[kind]) else None


def written(values: pa.Array) -> pa.Array:
    """The canonical text: shortest for numbers (no point without a fraction), true or false, RFC 3339 for times."""
    if not pa.types.is_timestamp(values.type):
        return values.cast(pa.string())
    seconds = pc.floor_temporal(values, unit="second")
    coarse = seconds.cast(pa.timestamp("s", values.type.tz)).cast(pa.string())
    text = coarse if seconds.equals(values) else pc.if_else(pc.equal(seconds, values), coarse, values.cast(pa.string()))
    return pc.binary_replace_slice(text.cast(pa.binary()), _TIME.start, _TIME.stop, b"T").cast(pa.string())


def _within(values: pa.Array, limits: pa.Array) -> bool:
    low, high = limits
    ends = pc.min_max(values)
    return values.null_count == len(values) or bool(
        pc.and_(pc.greater_equal(ends["min"], low), pc.less_equal(ends["max"], high)).as_py()
    )
