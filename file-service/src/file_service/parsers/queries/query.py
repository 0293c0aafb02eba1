"""A query, as the service puts it in a task's options."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias

Tree: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`position` is its number in the file, from 0; `has_text` where cells do not look as their values do."""

    position: int
    name: str
    type: str
    has_text: bool

    @property
    def value(self) -> str:
        """The column of the copy that has the values."""
        return f"c{self.position}"

    @property
    def text(self) -> str:
        """The column of the copy that has the cells as they stand in the file."""
        return f"t{self.position}" if self.has_text else self.value


@dataclass(frozen=True, slots=True)
class Key:
    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """`limit` is None for all rows, `where` for no condition; `table_rows` is how many rows the table has.

    `stored` are the columns that a copy of the table has.
    """

    shown: tuple[Column, ...]
    stored: frozenset[str]
    table_rows: int
    offset: int
    limit: int | None
    where: Tree | None
    order: tuple[Key, ...]
    format: Literal["json", "csv", "ndjson"]
    formula_safe: bool

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        columns = [
            Column(position, column["name"], column["type"], bool(column.get("has_text")))
            for position, column in enumerate(options["columns"])
        ]
        return cls(
            shown=tuple(columns[position] for position in options["show"]),
            stored=frozenset(["row"]).union(*((column.value, column.text) for column in columns)),
            table_rows=options["row_count"],
            offset=options["offset"],
            limit=options["limit"],
            where=options["where"],
            order=tuple(Key(columns[key["column"]].value, key["descending"]) for key in options["order"]),
            format=options["format"],
            formula_safe=options["formula_safe"],
        )

    @property
    def fields(self) -> list[str]:
        """The columns of the copy that are shown."""
        return [column.text if self.format == "csv" else column.value for column in self.shown]

    @property
    def end(self) -> int | None:
        """The number among the matching rows of the first that is not wanted any more."""
        return None if self.limit is None else self.offset + self.limit
