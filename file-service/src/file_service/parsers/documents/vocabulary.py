"""Turns elements into lines, cells and pages, by a list of what each element is in its format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from file_service.parsers.documents.markup import Attributes, Reader
from file_service.parsers.documents.prose import Prose

_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names of elements, without their namespace."""

    text: frozenset[str]  # in these, what is written is text
    silent: frozenset[str] = frozenset()  # but not in these
    lines: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    marks: Mapping[str, str] = field(default_factory=dict)  # the character that an element stands for
    verbatim: frozenset[str] | None = None  # where blanks count; None is everywhere


class TextReader(Reader):
    def __init__(self, vocabulary: Vocabulary, prose: Prose) -> None:
        self._words = vocabulary
        self._prose = prose
        self._text = self._silent = self._cells = self._verbatim = self._pages = 0  # how deep in such elements
        self._first_cell = True

    def begin(self, name: str, attributes: Attributes) -> None:
        words = self._words
        if self._silent or name in words.silent:
            self._silent += 1
            return
        self._text += name in words.text
        self._verbatim += words.verbatim is not None and name in words.verbatim
        if name in words.marks:
            self._mark(words.marks[name])
        elif name in words.pages:
            self._pages += 1
            self._prose.turn(self._pages)
        elif name in words.cells:
            self._cell()
        elif name in words.rows:
            self._first_cell = True
        if name in words.lines or name in words.rows:
            self._break()

    def finish(self, name: str) -> None:
        words = self._words
        if self._silent:
            self._silent -= 1
            return
        self._text -= name in words.text
        self._verbatim -= words.verbatim is not None and name in words.verbatim
        if name in words.cells:
            self._cells -= 1
        if name in words.lines or name in words.rows:
            self._break()

    def text(self, text: str) -> None:
        if self._silent or not self._text:
            return
        if self._words.verbatim is None or self._verbatim:
            self._prose.say(text)
        else:
            self._say_words(text)
        self.done = self._prose.full

    def _say_words(self, text: str) -> None:
        words = _BLANKS.sub(" ", text)
        if words.startswith(" "):
            self._prose.space()
        self._prose.say(words.strip(" "))
        if words.endswith(" "):
            self._prose.space()

    def _mark(self, mark: str) -> None:
        if mark == "\n":
            self._break()
        else:
            self._prose.say(mark)

    def _cell(self) -> None:
        self._cells += 1
        if not self._first_cell:
            self._prose.tab()
        self._first_cell = False

    def _break(self) -> None:
        """A line ends; in a cell of a table, which is part of a line, words do."""
        if self._cells:
            self._prose.space()
        else:
            self._prose.line()
