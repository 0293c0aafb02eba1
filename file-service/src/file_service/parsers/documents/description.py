"""What a document says of itself, beside its text."""

from dataclasses import dataclass, field
from typing import Final

from file_service.parsers.contract import Facts
from file_service.parsers.passages import pieces

LONGEST: Final = 500  # characters of a title, a name, an address


@dataclass(frozen=True, slots=True)
class Description:
    """`language` as the document tells it, ISO 639-1. `is_cut`: it was not read to its end. `more` are facts that only
    this format has."""

    title: str | None = None
    language: str | None = None
    is_cut: bool = False
    more: Facts = field(default_factory=dict)


def line_of(text: str | None) -> str | None:
    """One clean line of at most 500 characters; None where nothing is left."""
    line = " ".join("".join(pieces((text or "")[: 4 * LONGEST])).split())
    return line[:LONGEST].rstrip() or None
