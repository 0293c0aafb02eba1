"""The values of a condition, in the type of the column that they are compared with."""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from file_service.rows.columns import Column
from file_service.rows.errors import InvalidWhere
from file_service.rows.syntax import Value

Plain: TypeAlias = str | int | float | Decimal | bool

LEAST: Final = -(2**63)  # of an integer column
MOST: Final = 2**63 - 1

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - both sides of the subtraction know no zone
_MICROSECOND = timedelta(microseconds=1)


def plain(value: Value, column: Column) -> Plain:
    """Days since 1970 for a date, microseconds for a datetime, exact for an integer. InvalidWhere for another type."""
    match column.type, value.value:
        case "string", str(text):
            return text
        case "boolean", bool(truth):
            return truth
        case "integer", Decimal() as number:
            return number
        case "number", Decimal() as number:
            return _float(number, value.at)
        case "date", str(text):
            return _days(text, value.at)
        case "datetime", str(text):
            return _microseconds(text, value.at)
    raise InvalidWhere(f"“{column.name[:100]}” is {_FORMS[column.type]}, unlike the value at character {value.at}")


_FORMS = {
    "string": "text, which stands in single quotes",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date, written '2026-01-31'",
    "datetime": "a time, written '2026-01-31T12:00:00'",
}


def _float(number: Decimal, at: int) -> float:
    found = float(number)
    if math.isinf(found):
        raise InvalidWhere(f"The number at character {at} is too large")
    return found


def _days(text: str, at: int) -> int:
    try:
        return (date.fromisoformat(text) - _EPOCH.date()).days
    except ValueError as error:
        raise InvalidWhere(f"The value at character {at} is not a date, written '2026-01-31'") from error


def _microseconds(text: str, at: int) -> int:
    """What names no zone is in the column's, and in UTC where the column is: a difference of zones is taken off here."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidWhere(f"The value at character {at} is not a time, written '2026-01-31T12:00:00'") from error
    ahead = moment.utcoffset() or timedelta()
    return (moment.replace(tzinfo=None) - _EPOCH - ahead) // _MICROSECOND
