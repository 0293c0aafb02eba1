"""Gathers a document's text, which its reader finds bit by bit, into whole lines and pages."""

from typing import Final

from file_service.parsers.passages import Passages

_GATHERED: Final = 64 * 1024  # characters
_WIDEST: Final = 1_000  # empty cells beside each other


class Prose:
    """What is between two bits is decided when the second comes: nothing, a space, tabs, or the end of a line.

    So a page neither begins nor ends with blanks, and a line not with the empty cells of a table.
    """

    def __init__(self, passages: Passages) -> None:
        self._passages = passages
        self._page = 1
        self._bits: list[str] = []
        self._length = 0
        self._gap = ""
        self._begun = False

    @property
    def full(self) -> bool:
        """Nothing that comes now is kept: its reader may stop."""
        return self._passages.truncated

    def say(self, text: str) -> None:
        if not text:
            return
        self._bits.append(self._gap if self._begun else self._gap.lstrip(" \n"))
        self._bits.append(text)
        self._length += len(self._gap) + len(text)
        self._gap = ""
        self._begun = True
        if self._length > _GATHERED:
            self._hand_over()

    def space(self) -> None:
        self._gap = self._gap or " "

    def tab(self) -> None:
        if len(self._gap) < _WIDEST:
            self._gap = self._gap.rstrip(" ") + "\t"

    def line(self) -> None:
        self._gap = "\n"

    def turn(self, page: int) -> None:
        """What comes now is on `page`, counted from 1."""
        self.end()
        self._page = page

    def end(self) -> None:
        """The page is whole; it ends with a line's end if there is anything on it."""
        text = "".join(self._bits)
        self._passages.add(self._page, text if text.endswith("\n") else f"{text}\n")
        self._bits, self._length = [], 0
        self._gap, self._begun = "", False

    def _hand_over(self) -> None:
        text = "".join(self._bits)
        end = max(text.rfind("\n"), text.rfind(" ")) + 1 or len(text)
        self._passages.add(self._page, text[:end])
        self._bits, self._length = [text[end:]], len(text) - end
