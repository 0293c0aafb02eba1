"""Whether the first row of a table names its columns, and what the columns are called."""

from collections.abc import Sequence

from file_service.parsers.contract import Refused
from file_service.parsers.tables.column_types import Kind

COLUMN_LIMIT = 2_000
_NAME_LIMIT = 500  # characters


def is_header(first: Sequence[str], kinds: Sequence[Kind], below: Sequence[Kind]) -> bool:
    """It is when its cells are all different texts, or when one is a text above values of another type.

    `kinds` are those of the cells of the `first` row, `below` those of the columns under it.
    """
    names = [name.strip() for name in first]
    if names and all(names) and len(set(names)) == len(names) and set(kinds) == {"string"}:
        return True
    return any(
        name and kind == "string" and others != "string" for name, kind, others in zip(names, kinds, below, strict=True)
    )


def column_names(header: Sequence[str]) -> list[str]:
    """Trimmed, `column_3` where there is none, `name_2` where there is one already."""
    names: dict[str, None] = {}
    for position, written in enumerate(header, start=1):
        name = written.strip()[:_NAME_LIMIT] or f"column_{position}"
        names[_unused(name, names)] = None
    return list(names)


def check_width(width: int) -> None:
    if width > COLUMN_LIMIT:
        raise Refused("too-large", f"The table has more than {COLUMN_LIMIT:,} columns")


def _unused(name: str, names: dict[str, None]) -> str:
    candidate, count = name, 1
    while candidate in names:
        count += 1
        candidate = f"{name[: _NAME_LIMIT - 8]}_{count}"
    return candidate
