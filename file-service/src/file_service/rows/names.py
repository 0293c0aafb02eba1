"""Lists of columns: `id,"last, first"`, each with a minus before it where the list allows one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from file_service.rows.columns import Column, position_of
from strongroom.errors import Unprocessable

LONGEST: Final = 64 * 1024  # characters

# In atomic groups, so that no list can keep the expression searching.
_QUOTED, _BARE = r'"(?P<quoted>(?:[^"]|"")+)"', r'(?P<bare>[^", ]++(?:[ ]++[^", ]++)*+)'
_NAME = re.compile(rf"[ ]*+(?P<minus>-?)(?:{_QUOTED}|{_BARE})[ ]*+(?:,(?!$)|$)")


@dataclass(frozen=True, slots=True)
class Named:
    """A column by its position; `minus` where one stands before its name."""

    position: int
    minus: bool


def named(text: str, columns: Sequence[Column], error: type[Unprocessable], *, signed: bool) -> list[Named]:
    """None of them twice. A double quote within quotes is doubled; without `signed`, a minus belongs to the name.

    `error` is raised for an unknown column, one that is named twice, and for what is no list.
    """
    if len(text) > LONGEST:
        raise error(f"The list is longer than {LONGEST} characters")
    found, at = dict[int, Named](), 0
    while at < len(text) or not found:
        match = _NAME.match(text, at)
        if match is None:
            raise error(f"The name of a column was expected at character {at + 1}")
        one = _column(match, columns, error, signed=signed)
        if one.position in found:
            raise error(f"“{columns[one.position].name[:100]}” is named twice (at character {at + 1})")
        found[one.position] = one
        at = match.end()
    return list(found.values())


def _column(match: re.Match[str], columns: Sequence[Column], error: type[Unprocessable], *, signed: bool) -> Named:
    minus, quoted, bare = match["minus"], match["quoted"], match["bare"]
    name = quoted.replace('""', '"') if quoted is not None else bare
    position = position_of(name if signed else minus + name, columns)
    if position is None or (minus and quoted is not None and not signed):
        raise error(f"There is no column “{name[:100]}” (at character {match.start() + 1})")
    return Named(position, bool(minus) and signed)
