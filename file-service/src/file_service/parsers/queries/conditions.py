"""A condition of the service as an expression of Arrow's, which statistics and rows are judged by alike."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import and_, ge, gt, le, lt, or_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.queries.query import Tree

_ORDERED: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Condition:
    """`expression` is true or false of every row, never null; `columns` are those of the copy that it reads."""

    expression: pc.Expression
    columns: tuple[str, ...]


def condition(tree: Tree, schema: pa.Schema) -> Condition:
    """`schema` is that of the columnar copy."""
    # What reads no column, as one that is never true, still needs rows to be judged.
    return Condition(_expression(tree, schema), tuple(sorted(_columns(tree))) or ("row",))


def _expression(tree: Tree, schema: pa.Schema) -> pc.Expression:
    match tree:
        case ["and", *trees]:
            return reduce(and_, (_expression(one, schema) for one in trees), pc.scalar(True))
        case ["or", *trees]:
            return reduce(or_, (_expression(one, schema) for one in trees), pc.scalar(False))
        case ["not", inner]:
            return ~_expression(inner, schema)
        case ["null", position]:
            return pc.field(f"c{position}").is_null()
        case [operator, position, *values]:
            return _comparison(operator, f"c{position}", values, schema)
    raise ValueError(tree)


def _columns(tree: Tree) -> set[str]:
    match tree:
        case ["and" | "or" | "not", *trees]:
            return set[str]().union(*(_columns(one) for one in trees))
        case _:
            return {f"c{tree[1]}"}


def _comparison(operator: str, name: str, values: list[Any], schema: pa.Schema) -> pc.Expression:
    column, kind = pc.field(name), schema.field(name).type
    scalars = [pa.scalar(value, kind) for value in values]
    match operator:
        case "contains":
            found = pc.match_substring(column, values[0], ignore_case=True)
        case "=":
            found = column == scalars[0]
        case "in":
            found = column.isin(pa.array(values, kind))
        case _:
            found = _ORDERED[operator](column, scalars[0])
    return column.is_valid() & found
