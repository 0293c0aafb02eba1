"""Makes a large CSV file quickly: `python large_csv.py PATH [ROWS]`, 20 million rows (2.0 GiB) where none are named."""

import sys
from pathlib import Path

COLUMNS = ("id", "customer", "email", "ordered_on", "shipped_at", "amount", "express", "note")
ROWS = 20_000_000
_BLOCK = 50_000
_NAMES = ("Ana Gómez", "Brown, Lee", "Chen Wei", "Dlamini", 'Ed "Ace" Hart', "Fatima Zahra", "García", "Håkansson")
_NOTES = ("", "deliver to the neighbour", "gift, wrapped", "call first", "second attempt, leave at the door")


def write_large_csv(path: Path, rows: int = ROWS) -> None:
    """About 107 bytes a row, of all types, some quoted. `id` counts from 1; the rest repeats, out of step with it."""
    row_ends = [_row_end(number) for number in range(_BLOCK)]
    with path.open("wb") as file:
        file.write(",".join(COLUMNS).encode() + b"\r\n")
        for first in range(1, rows + 1, _BLOCK):
            ids = range(first, min(first + _BLOCK, rows + 1))
            file.write("".join(map(str.__add__, map(str, ids), row_ends)).encode())


def _row_end(number: int) -> str:
    name = _quoted(_NAMES[number * 7 % len(_NAMES)])
    day = f"2026-{1 + number % 12:02}-{1 + number % 28:02}"
    at = f"{day}T{number % 24:02}:{number % 60:02}:{number * 7 % 60:02}Z"
    amount = f"{number * 7919 % 1_000_000 / 100:.2f}"
    express = "true" if number % 3 else "false"
    note = _quoted(_NOTES[number % len(_NOTES)])
    return f",{name},customer{number * 31 % 99_991}@example.com,{day},{at},{amount},{express},{note}\r\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text


if __name__ == "__main__":
    write_large_csv(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
