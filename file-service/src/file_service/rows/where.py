"""A condition on the rows of a table: checked against its columns, and put into the form that the parser `rows` takes.

A condition is true or false of a row, never unknown as in SQL. A comparison with an empty cell is false; `not` turns
round what stands behind it and `!=` is `not … =`, so both are true of empty cells. Text is compared character by
character, as Unicode numbers them; `contains` does not look at case.
"""

from collections.abc import Sequence

from file_service.rows.columns import Column, position_of
from file_service.rows.comparisons import Tree, compared
from file_service.rows.errors import InvalidWhere
from file_service.rows.grammar import condition
from file_service.rows.syntax import All, Any, Comparison, Condition, Not

__all__ = ["Tree", "where"]


def where(text: str, columns: Sequence[Column]) -> Tree:
    """JSON: `["and" | "or", tree…]`, `["not", tree]`, `["null", column]`,
    `[operator, column, value]`, `["in", column, value…]`; an `or` of nothing is never true.

    A column is its position. A value is in the column's own type, a date in days and a datetime in microseconds since
    1970, in UTC where the column knows a zone. InvalidWhere for what is no condition, names an unknown column, or
    compares one with what it cannot hold.
    """
    return _tree(condition(text), columns)


def _tree(found: Condition, columns: Sequence[Column]) -> Tree:
    match found:
        case Comparison():
            return _comparison(found, columns)
        case Not(condition):
            return ["not", _tree(condition, columns)]
        case All(conditions):
            return ["and", *(_tree(one, columns) for one in conditions)]
        case Any(conditions):
            return ["or", *(_tree(one, columns) for one in conditions)]


def _comparison(found: Comparison, columns: Sequence[Column]) -> Tree:
    position = position_of(found.column, columns)
    if position is None:
        raise InvalidWhere(f"There is no column “{found.column[:100]}” (at character {found.at})")
    return compared(found, position, columns[position])
