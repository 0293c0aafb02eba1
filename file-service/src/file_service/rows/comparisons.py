"""What a comparison comes to in a column of a given type."""

from decimal import Decimal
from math import ceil, floor
from typing import Any, TypeAlias

from file_service.rows.columns import Column
from file_service.rows.errors import InvalidWhere
from file_service.rows.literals import LEAST, MOST, number, plain
from file_service.rows.syntax import Comparison

Tree: TypeAlias = list[Any]  # see `where`

_NEVER: Tree = ["or"]


def compared(found: Comparison, position: int, column: Column) -> Tree:
    """InvalidWhere where the column's type does not allow it."""
    match found.operator:
        case "null":
            return ["null", position]
        case "contains" if column.type != "string":
            raise InvalidWhere(f"“{column.name[:100]}” is no text that contains something (at character {found.at})")
        case "<" | "<=" | ">" | ">=" if column.type == "boolean":
            raise InvalidWhere(f"“{column.name[:100]}” is true or false and has no order (at character {found.at})")
    if column.type == "integer":
        return _of_integers(found.operator, position, [number(value, column) for value in found.values])
    values = [plain(value, column) for value in found.values]
    if found.operator == "!=":
        return ["not", ["=", position, *values]]
    return [found.operator, position, *values]


def _of_integers(operator: str, position: int, values: list[Decimal]) -> Tree:
    """Exact, whatever the number: one between two integers or beyond 64 bits is never equal to a cell."""
    value = values[0]
    match operator:
        case "=" | "!=" | "in":
            among: Tree = ["in", position, *(int(one) for one in values if one == floor(one) and LEAST <= one <= MOST)]
            return ["not", among] if operator == "!=" else among
        case "<" | "<=":
            most = floor(value) if operator == "<=" else ceil(value) - 1
            return _NEVER if most < LEAST else ["<=", position, min(most, MOST)]
        case _:
            least = ceil(value) if operator == ">=" else floor(value) + 1
            return _NEVER if least > MOST else [">=", position, max(least, LEAST)]
