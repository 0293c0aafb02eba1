"""What is asked of a table: some of its rows, some of its columns, in some order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, TypeAlias

from file_service.rows.columns import Column
from file_service.rows.errors import InvalidColumns, InvalidOrder
from file_service.rows.names import Named, named
from file_service.rows.where import Tree, where

MOST_KEYS: Final = 32  # that rows are ordered by

Format: TypeAlias = Literal["json", "csv", "ndjson"]


@dataclass(frozen=True, slots=True)
class Selection:
    """`columns` are positions in the table, in the order in which they are shown; `limit` is None for all rows.

    In either direction empty cells come last, and rows that are otherwise equal stay in the file's order, so that
    one page goes on where the one before it ended.
    """

    columns: tuple[int, ...]
    offset: int = 0
    limit: int | None = None
    where: Tree | None = None
    order: tuple[Named, ...] = ()

    @classmethod
    def of(
        cls,
        table: Sequence[Column],
        *,
        offset: int = 0,
        limit: int | None = None,
        columns: str | None = None,
        condition: str | None = None,
        order_by: str | None = None,
    ) -> Self:
        """As the client wrote it; None or nothing is everything. InvalidColumns, InvalidWhere, InvalidOrder."""
        shown = named(columns, table, InvalidColumns, signed=False) if columns else []
        order = named(order_by, table, InvalidOrder, signed=True) if order_by else []
        if len(order) > MOST_KEYS:
            raise InvalidOrder(f"Rows are ordered by {MOST_KEYS} columns at most")
        return cls(
            columns=tuple(one.position for one in shown) or tuple(range(len(table))),
            offset=offset,
            limit=limit,
            where=where(condition, table) if condition else None,
            order=tuple(order),
        )

    def options(self, *, format: Format, formula_safe: bool) -> dict[str, Any]:  # noqa: A002 - the word of the API
        """For the parser `rows`, beside what it is told of the table: `source`, `columns`, `row_count`, `key`."""
        return {
            "offset": self.offset,
            "limit": self.limit,
            "show": self.columns,
            "where": self.where,
            "order": [{"column": one.position, "descending": one.minus} for one in self.order],
            "format": format,
            "formula_safe": formula_safe,
        }
