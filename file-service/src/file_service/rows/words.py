"""Cuts a condition into its words."""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from file_service.rows.errors import InvalidWhere

LONGEST: Final = 4096  # characters
KEYWORDS: Final = frozenset({"and", "or", "not", "in", "is", "null", "contains", "true", "false"})

Kind: TypeAlias = Literal["name", "text", "number", "keyword", "symbol", "end"]

_WORD = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |'(?P<text>(?:[^']|'')*)'
    |"(?P<quoted>(?:[^"]|"")+)"
    |(?P<number>[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)(?!\w)
    |(?P<name>\w+)
    |(?P<symbol><=|>=|!=|[=<>(),])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """`text` is without its quotes, in lower case for a keyword; `at` counts characters from 1."""

    kind: Kind
    text: str
    at: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"“{self.text[:40]}” at character {self.at}"


def words(condition: str) -> list[Word]:
    """Ends with a word of the kind `end`. InvalidWhere for what is too long, or is no word."""
    if len(condition) > LONGEST:
        raise InvalidWhere(f"The condition is longer than {LONGEST} characters")
    found, at = [], 0
    while at < len(condition):
        match = _WORD.match(condition, at)
        if match is None:
            raise InvalidWhere(_complaint(condition[at], at + 1))
        if match.lastgroup != "space":
            found.append(_word(match))
        at = match.end()
    return [*found, Word("end", "", at + 1)]


def _word(match: re.Match[str]) -> Word:
    text, at = match[match.lastgroup or 0], match.start() + 1
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidWhere(f"There is half a character after character {at}")
    match match.lastgroup:
        case "text":
            return Word("text", text.replace("''", "'"), at)
        case "quoted":
            return Word("name", text.replace('""', '"'), at)
        case "name" if text.lower() in KEYWORDS:
            return Word("keyword", text.lower(), at)
        case "number":
            return Word("number", text, at)
        case "symbol":
            return Word("symbol", text, at)
        case _:
            return Word("name", text, at)


def _complaint(character: str, at: int) -> str:
    if character in "'\"":
        return f"The quote at character {at} is empty or is never closed"
    return f"The condition cannot be understood at character {at}"
