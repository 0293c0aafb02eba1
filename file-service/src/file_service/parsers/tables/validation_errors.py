"""What is wrong with a table by its schema, in the words of Frictionless: all is counted, the first is shown."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_SHOWN = 100
_CELL_SHOWN = 100  # characters


class ValidationErrors:
    def __init__(self) -> None:
        self.count = 0
        self.shown: list[dict[str, Any]] = []

    def add(self, line: int, column: str | None, code: str, message: str) -> None:
        """`line` is the physical line, from 1; `column` a name."""
        self.count += 1
        if len(self.shown) < _SHOWN:
            self.shown.append({"line": line, "column": column, "code": code, "message": message})

    def add_where(
        self, wrong: pa.Array, lines: Sequence[int], column: str, code: str, message: Callable[[int], str]
    ) -> None:
        """One for each place in a batch that is `wrong`."""
        places = pc.indices_nonzero(wrong)
        for place in places[: _SHOWN - len(self.shown)].to_pylist():
            self.shown.append({"line": lines[place], "column": column, "code": code, "message": message(place)})
        self.count += len(places)


def quoted(cell: str) -> str:
    return f'"{cell[:_CELL_SHOWN]}"'
