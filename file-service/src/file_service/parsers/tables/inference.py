"""What a column's type is when nobody says: the first that all of its cells fit, as `column_types` has them."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.tables.arrow_types import cells_of, values_of, written
from file_service.parsers.tables.column_types import KINDS, Kind, fits
from file_service.parsers.tables.columnar import Column

_EXACT = 10**15  # a double holds each integer below it, and is written without an exponent


class InferredColumn:
    """The types that are left for a column after what was seen of it, and whether its cells are written canonically."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kinds: tuple[Kind, ...] = KINDS
        self._canonical = dict.fromkeys(KINDS, True)
        self._anything = False

    @property
    def column(self) -> Column:
        kind = self._kinds[0] if self._anything and self._kinds else "string"
        return Column(self._name, kind, has_text=kind != "string" and not self._canonical[kind])

    def values(self, cells: pa.Array) -> pa.Array:
        values = values_of(cells, self.column.kind)
        assert values is not None
        return values

    def see(self, column: Sequence[str], lines: Sequence[int]) -> None:
        if not self._kinds:
            return
        first = next(filter(None, column), None)
        if first is None:
            return
        self._anything = True
        cells = cells_of(column)
        self._kinds = tuple(kind for kind in self._kinds if fits(kind, first))
        if "integer" in self._kinds and self._sees_integers(cells):
            return
        self._kinds = tuple(kind for kind in self._kinds if kind != "integer" and self._sees(kind, cells))

    def _sees(self, kind: Kind, cells: pa.Array) -> bool:
        values = values_of(cells, kind)
        if values is not None and self._canonical[kind]:
            self._canonical[kind] = written(values).equals(cells)
        return values is not None

    def _sees_integers(self, cells: pa.Array) -> bool:
        """Every integer is a number too, so that one need not be tried as long as these will do."""
        values = values_of(cells, "integer")
        if values is None:
            return False
        self._kinds = ("integer", "number")
        ends = pc.min_max(values).as_py()
        if ends["min"] is not None and max(-ends["min"], ends["max"]) >= _EXACT:
            self._canonical["number"] = False
        return True
