"""The text of a file: in which form it is kept, in pieces of which length, and how much of it."""

import re
from collections.abc import Iterator
from unicodedata import normalize

from file_service.parsers.contract import Output

LONGEST = 8_000  # characters of one passage
MOST = 4 * 1024 * 1024  # characters of one file

_LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# PDFium says U+FFFE for a hyphen at the end of a line.
_UNWANTED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_BLANKS = " \n\t"


class Passages:
    """Writes the text of a file to `output`, up to `MOST` characters. `truncated` tells that there was more."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._room = MOST
        self.truncated = False

    def add(self, page: int, text: str) -> None:
        """`page` counts from 1. Nothing happens once there was more than `MOST`."""
        for piece in pieces(text):
            if len(piece) > self._room:
                self._room = 0
                self.truncated = True
                return
            self._room -= len(piece)
            self._output.passage(page, piece)


def pieces(text: str) -> Iterator[str]:
    """At most `LONGEST` characters each, cut at white space where there is some; joined they are the text.

    Blank ones are left out. They are NFC and fit for a database: lines end in a newline, other control characters
    but the tab are gone, and U+FFFD stands for half a surrogate pair.
    """
    start = 0
    while start < len(text):
        end = _cut(text, start)
        # Not before it is cut: to order a long run of combining characters takes the square of its length.
        clean = _cleaned(text[start:end])
        for at in range(0, len(clean), LONGEST):  # NFC makes some characters longer
            piece = clean[at : at + LONGEST]
            if piece.strip():
                yield piece
        start = end


def _cut(text: str, start: int) -> int:
    end = start + LONGEST
    if end >= len(text):
        return len(text)
    blank = max(text.rfind(blank, start + LONGEST // 2, end) for blank in _BLANKS)
    return end if blank < 0 else blank + 1


def _cleaned(text: str) -> str:
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return normalize("NFC", _SURROGATES.sub("\ufffd", text))
