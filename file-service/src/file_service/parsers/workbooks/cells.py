"""What the cells of a sheet are: numbers, texts and times know it of themselves."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Final, TypeAlias

import pyarrow as pa

from file_service.parsers.contract import Refused
from file_service.parsers.tables.arrow_types import ARROW
from file_service.parsers.tables.column_types import Kind

Value: TypeAlias = str | bool | int | float | datetime | date | time | timedelta | None

_TEXT_LIMIT: Final = 32_767  # characters, which is Excel's own
_EXACT: Final = 2**53


def kinds_of(value: Value) -> tuple[Kind, ...]:
    """Those that a column with `value` can have, the best first; none but string where there are none."""
    match value:
        case bool():
            return ("boolean",)
        case int() if -(2**63) <= value < 2**63:
            return ("integer", "number")
        case float() if isfinite(value):
            return ("integer", "number") if value.is_integer() and abs(value) < _EXACT else ("number",)
        case datetime() if value.tzinfo is None:
            return ("datetime",) if value.time() != time() else ("date", "datetime")
        case _:
            return ("date", "datetime") if type(value) is date else ()


def text_of(value: Value) -> str:
    """As a value of its kind is written, where it stands among others."""
    match value:
        case str():
            if len(value) > _TEXT_LIMIT:
                raise Refused("broken", "A cell of the workbook holds more text than a cell can")
            return value
        case bool():
            return str(value).lower()
        case float():
            return repr(value).removesuffix(".0")
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def array_of(values: Sequence[Value], kind: Kind) -> pa.Array:
    """All of them can have that kind."""
    convert = _CONVERSIONS[kind]
    return pa.array([None if value is None else convert(value) for value in values], ARROW[kind])


def _date(value: Value) -> date:
    assert isinstance(value, date)
    return value.date() if isinstance(value, datetime) else value


def _datetime(value: Value) -> datetime:
    if isinstance(value, datetime):
        return value
    assert isinstance(value, date)
    return datetime.combine(value, time())


_CONVERSIONS: Final[dict[Kind, Callable[..., object]]] = {
    "string": text_of,
    "integer": int,
    "number": float,
    "boolean": bool,
    "date": _date,
    "datetime": _datetime,
}
