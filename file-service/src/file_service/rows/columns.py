"""The columns of a table, as the language knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

ColumnType: TypeAlias = Literal["string", "integer", "number", "boolean", "date", "datetime"]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: ColumnType


def position_of(name: str, columns: Sequence[Column]) -> int | None:
    """Of the first of that name, exactly so written."""
    return next((position for position, column in enumerate(columns) if column.name == name), None)
