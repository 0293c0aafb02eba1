"""What the cells of a column are, decided over all of them, in plain Python; `arrow_types` does it to whole arrays.

A column has the first type that every one of its cells fits. An empty cell fits each, and is null.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from math import isfinite
from typing import Final, Literal, TypeAlias

# An instant is a datetime with a zone: shown as one to the outside, kept in UTC.
Kind: TypeAlias = Literal["string", "integer", "number", "boolean", "date", "datetime", "instant"]
Json: TypeAlias = str | int | float | bool | None

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

# Understood alike by Python and by RE2. 64 bits and the calendar are checked by conversion.
PATTERNS: Final[dict[Kind, str]] = {
    "boolean": r"[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]",
    "integer": r"0|-?[1-9][0-9]{0,18}",  # a leading zero is part of a code, which a number would lose
    "number": r"-?(?:(?:0|[1-9][0-9]{0,18})(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?",
    "date": _DATE,
    "datetime": rf"{_DATE}[T ]{_TIME}",
    "instant": rf"{_DATE}[T ]{_TIME}(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)",
}
KINDS: Final = tuple(PATTERNS)  # in the order of preference
_MATCHES = {kind: re.compile(pattern).fullmatch for kind, pattern in PATTERNS.items()}


def shown(kind: Kind) -> str:
    """The type as the API has it."""
    return "datetime" if kind == "instant" else kind


def fits(kind: Kind, cell: str) -> bool:
    """`cell` is not empty."""
    return kind == "string" or (_MATCHES[kind](cell) is not None and converts(kind, cell))


def converts(kind: Kind, cell: str) -> bool:
    """`cell` has the form of one; there may be no such value all the same."""
    try:
        value = json_value(kind, cell)
    except (ValueError, OverflowError):  # the 30th of February; a year that UTC does not have
        return False
    return value is not None


def kind_of(cells: Iterable[str]) -> Kind:
    """Of a whole column; string when all are empty."""
    return Candidates().seen(cells).kind


class Candidates:
    """The types that are left for a column after what was seen of it."""

    def __init__(self) -> None:
        self._kinds: tuple[Kind, ...] = KINDS
        self._anything = False

    @property
    def kind(self) -> Kind:
        return self._kinds[0] if self._anything and self._kinds else "string"

    def seen(self, cells: Iterable[str]) -> "Candidates":
        for cell in set(cells) - {""} if self._kinds else ():
            self._anything = True
            self._kinds = tuple(kind for kind in self._kinds if fits(kind, cell))
        return self


def json_value(kind: Kind, cell: str) -> Json:
    """Null for an empty cell, and for a number that JSON cannot have; a datetime in RFC 3339, in UTC with a zone."""
    return _VALUES[kind](cell) if cell else None


def _integer(cell: str) -> int | None:
    value = int(cell)
    return value if -(2**63) <= value < 2**63 else None


def _number(cell: str) -> float | None:
    value = float(cell)
    return value if isfinite(value) else None


def _instant(cell: str) -> str:
    return datetime.fromisoformat(cell).astimezone(UTC).isoformat().replace("+00:00", "Z")


_VALUES: Final[dict[Kind, Callable[[str], Json]]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": lambda cell: cell.lower() == "true",
    "date": lambda cell: date.fromisoformat(cell).isoformat(),
    "datetime": lambda cell: datetime.fromisoformat(cell).isoformat(),
    "instant": _instant,
}
