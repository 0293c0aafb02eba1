"""How the rows of a CSV file are written: what stands between its fields, and what around them."""

import csv
import re
from collections import Counter
from dataclasses import dataclass

_DELIMITERS = ",;\t|"
_QUOTES = "\"'"
_ROWS = 200
_DECLARED = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)  # a first line that Excel writes and obeys


@dataclass(frozen=True, slots=True)
class Dialect:
    """`declared`: the first line names the delimiter, and is no row."""

    delimiter: str = ","
    quote: str = '"'
    declared: bool = False


def dialect_of(lines: list[str], *, tabs: bool = False) -> Dialect:
    """What splits `lines`, the first of the file, most evenly; `tabs` where the file's name says so."""
    declared = _DECLARED.fullmatch(lines[0]) if lines else None
    if declared:
        return Dialect(declared[1], _quote(lines[1:], declared[1]), declared=True)
    delimiter = max(_DELIMITERS, key=lambda candidate: _merit(lines, candidate, tabs=tabs))
    if not any(delimiter in line for line in lines):
        delimiter = "\t" if tabs else ","
    return Dialect(delimiter, _quote(lines, delimiter))


def sample_rows(lines: list[str], dialect: Dialect) -> list[list[str]]:
    """The first rows of them; a blank line is none."""
    reader = csv.reader(lines[dialect.declared :], delimiter=dialect.delimiter, quotechar=dialect.quote)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == _ROWS:
                break
    except csv.Error:  # an endless field: what came before it has to do
        pass
    return rows


def usual_width(rows: list[list[str]]) -> int:
    """How many fields most of them have, the first such number where several are as common; 0 without rows."""
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _merit(lines: list[str], delimiter: str, *, tabs: bool) -> tuple[float, bool, int]:
    rows = sample_rows(lines, Dialect(delimiter, _quote(lines, delimiter)))
    width = usual_width(rows)
    if width < 2:
        return (0.0, False, 0)
    evenness = sum(len(row) == width for row in rows) / len(rows)
    if tabs and delimiter == "\t":
        return (2.0, True, width)
    # Where a semicolon or a tab splits as evenly as a comma, the comma is the one of decimals: 1,5;2,5
    return (round(evenness, 2), delimiter in ";\t", width)


def _quote(lines: list[str], delimiter: str) -> str:
    """A double quote, unless only single ones stand around whole fields."""
    edge = re.escape(delimiter)
    text = "".join(lines)
    double, single = (
        len(re.findall(rf"(?:^|{edge}){mark}[^{mark}\r\n]*{mark}(?={edge}|\r?$)", text, re.MULTILINE))
        for mark in _QUOTES
    )
    return "'" if single and not double else '"'
