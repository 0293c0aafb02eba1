"""The text of an HTML page: what a browser would show of it, in lines."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from file_service.parsers.documents.description import LONGEST, Description, line_of
from file_service.parsers.documents.markup import Attributes, read_html
from file_service.parsers.documents.plain import decoded
from file_service.parsers.documents.prose import Prose
from file_service.parsers.documents.vocabulary import TextReader, Vocabulary
from file_service.parsers.encoding import labelled_encoding
from file_service.parsers.language_tags import tagged_language

_LINES: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "ul",
})  # fmt: skip
_WORDS: Final = Vocabulary(
    text=frozenset({"html"}),
    silent=frozenset({"script", "style", "template", "noscript", "title", "iframe", "object", "svg"}),
    lines=_LINES,
    rows=frozenset({"tr"}),
    cells=frozenset({"td", "th"}),
    marks={"br": "\n"},
    verbatim=frozenset({"pre", "textarea"}),
)
_META: Final = re.compile(rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_PRESCAN: Final = 4 * 1024  # bytes; browsers look at 1,024


def read_page(file: BinaryIO, prose: Prose, label: str | None = None) -> Description:
    """`label` is the charset that came with it, in a mail."""
    head = file.read(_PRESCAN)
    file.seek(0)
    reader = _PageReader(prose)
    read_html(_Utf8(decoded(file, label if labelled_encoding(label) else _own_label(head))), reader)
    prose.end()
    return Description(line_of(reader.title), tagged_language(reader.language))


def _own_label(head: bytes) -> str | None:
    """What the page says of itself: https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding"""
    meta = _META.search(head)
    label = meta[1].decode("ascii", "replace") if meta else None
    # Nobody could have read the label if it were true.
    return None if (labelled_encoding(label) or "").startswith(("utf-16", "utf-32")) else label


class _Utf8:
    """Text as bytes again, for a parser that would otherwise go by what the page says of itself."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces

    def read(self, _size: int, /) -> bytes:
        return next((piece.encode("utf-8", "replace") for piece in self._pieces if piece), b"")


class _PageReader(TextReader):
    def __init__(self, prose: Prose) -> None:
        super().__init__(_WORDS, prose)
        self.title = ""
        self.language: str | None = None
        self._in_title = self._titled = False

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "html":
            self.language = self.language or attributes.get("lang")
        self._in_title = name == "title" and not self._titled
        super().begin(name, attributes)

    def finish(self, name: str) -> None:
        self._titled = self._titled or self._in_title
        self._in_title = False
        super().finish(name)

    def text(self, text: str) -> None:
        if self._in_title and len(self.title) < LONGEST:
            self.title += text
        super().text(text)
