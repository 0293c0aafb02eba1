"""A condition as it was written, before anybody looked whether the table has such columns."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "contains", "in", "null"]


@dataclass(frozen=True, slots=True)
class Value:
    """A string, number or truth; `at` is its first character, from 1."""

    value: str | Decimal | bool
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`values` are several for `in`, none for `null`; `at` is the first character of the column's name, from 1."""

    column: str
    at: int
    operator: Operator
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    conditions: "tuple[Condition, ...]"


Condition: TypeAlias = Comparison | Not | All | Any
