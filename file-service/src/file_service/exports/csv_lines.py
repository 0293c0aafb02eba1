"""Writes rows as CSV (RFC 4180) in UTF-8, so that no spreadsheet runs what a stranger wrote into a cell."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from file_service.parsers.formulas import FORMULA_SIGNS

_FORMULA = tuple(FORMULA_SIGNS)


def csv_lines(rows: Iterable[Sequence[str | int]], *, formula_safe: bool) -> bytes:
    """With `formula_safe`, texts that could be run begin with an apostrophe, which spreadsheets do not show."""
    written = StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row] if formula_safe else row)
    return written.getvalue().encode()


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
