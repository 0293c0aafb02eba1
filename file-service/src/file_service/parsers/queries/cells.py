"""The cells of a column as text, a whole column at once."""

import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from file_service.parsers.formulas import FORMULA_SIGNS
from file_service.parsers.tables.arrow_types import written

_FORMULA = "^[" + FORMULA_SIGNS.replace("-", r"\-") + "]"
_QUOTED_IN_CSV = '[",\r\n]'
_ESCAPED_IN_JSON = '["\\\\\x00-\x1f]'


def json_cells(column: pa.Array) -> pa.Array:
    """Null for what is empty, and for a number that JSON does not have. Times are RFC 3339, with a `Z` where zoned."""
    if pa.types.is_string(column.type):
        return _quoted(_replaced(column, _ESCAPED_IN_JSON, lambda text: json.dumps(text, ensure_ascii=False)[1:-1]))
    if pa.types.is_floating(column.type):
        return written(pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type)))
    return _quoted(written(column)) if pa.types.is_temporal(column.type) else written(column)


def csv_cells(column: pa.Array, *, formula_safe: bool) -> pa.Array:
    """RFC 4180: in quotes where it has to be. With `formula_safe`, text that could be run begins with an apostrophe."""
    cells = written(column)
    if formula_safe:
        cells = _replaced(cells, _FORMULA, lambda text: f"'{text}")
    return _replaced(cells, _QUOTED_IN_CSV, lambda text: '"' + text.replace('"', '""') + '"')


def lines(parts: list[pa.Array | str], *, empty: str) -> bytes:
    """The parts of each row one after another, `empty` where a cell is null: the bytes of all rows."""
    rows = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement=empty)
    _, offsets, data = rows.buffers()
    return bytes(memoryview(data)[: memoryview(offsets).cast("i")[len(rows)]])


def _quoted(cells: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', cells, '"', "")


def _replaced(cells: pa.Array, pattern: str, replacement: Callable[[str], str]) -> pa.Array:
    """Those that match are few, and only they are taken one by one."""
    found = pc.fill_null(pc.match_substring_regex(cells, pattern), False)
    if not found.true_count:
        return cells
    return pc.replace_with_mask(cells, found, pa.array(map(replacement, cells.filter(found).to_pylist()), pa.string()))
