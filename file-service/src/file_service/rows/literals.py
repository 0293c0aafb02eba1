"""The values of a condition, in the type of the column that they are compared with."""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from file_service.rows.columns import Column
from file_service.rows.errors import InvalidWhere
from file_service.rows.syntax import Value

Plain: TypeAlias = str | int | float | bool

LEAST: Final = -(2**63)  # of an integer column
MOST: Final = 2**63 - 1

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - both sides of the subtraction know no zone
_MICROSECOND = timedelta(microseconds=1)


def plain(value: Value, column: Column) -> Plain:
    """Days since 1970 for a date, microseconds for a datetime. InvalidWhere for a value of another type."""
    match column.type, value.value:
        case "string", str(text):
            return text
        case "boolean", bool(truth):
            return truth
        case "number", Decimal() as exact:
            return _float(exact, value.at)
        case "date", str(text):
            return _days(text, value.at)
        case "datetime", str(text):
            return _microseconds(text, value.at)
    raise _unlike(value, column)


def number(value: Value, column: Column) -> Decimal:
    """For an integer column: as it was written. InvalidWhere for a value of another type."""
    if not isinstance(value.value, Decimal):
        raise _unlike(value, column)
    return value.value


def _unlike(value: Value, column: Column) -> InvalidWhere:
    form = _FORMS[column.type]
    return InvalidWhere(f"“{column.name[:100]}” is {form}, unlike the value at character {value.at}")


_FORMS = {
    "string": "text, which stands in single quotes",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date, written '2026-01-31'",
    "datetime": "a time, written '2026-01-31T12:00:00'",
}


def _float(exact: Decimal, at: int) -> float:
    found = float(exact)
    if math.isinf(found):
        raise InvalidWhere(f"The number at character {at} is too large")
    return found


def _days(text: str, at: int) -> int:
    try:
        return (date.fromisoformat(text) - _EPOCH.date()).days
    except ValueError as error:
        raise InvalidWhere(f"The value at character {at} is not a date, written '2026-01-31'") from error


def _microseconds(text: str, at: int) -> int:
    """What names no zone is in the column's, or in UTC where the column knows zones."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidWhere(f"The value at character {at} is not a time, written '2026-01-31T12:00:00'") from error
    ahead = moment.utcoffset() or timedelta()
    return (moment.replace(tzinfo=None) - _EPOCH - ahead) // _MICROSECOND
