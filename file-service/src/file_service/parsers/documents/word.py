"""The text of a DOCX (ECMA-376 part 1, §17): body, then headers and footers, notes and comments.

Read as XML from front to back: python-docx has all parts and their trees in memory, ten times the document's size.
"""

from typing import Final

from file_service.parsers.documents.archive import Archive
from file_service.parsers.documents.description import Description
from file_service.parsers.documents.markup import read_xml
from file_service.parsers.documents.package import core_properties, main_part, relations
from file_service.parsers.documents.prose import Prose
from file_service.parsers.documents.vocabulary import TextReader, Vocabulary

_WORDS: Final = Vocabulary(
    text=frozenset({"t"}),
    # A fallback says once more what came before it; a paragraph's properties have tabs that are none.
    silent=frozenset({"pPr", "Fallback", "moveFrom"}),
    lines=frozenset({"p"}),
    rows=frozenset({"tr"}),
    cells=frozenset({"tc"}),
    marks={"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
)
_BESIDE: Final = ("header", "footer", "footnotes", "endnotes", "comments")


def read_word(archive: Archive, prose: Prose) -> Description:
    body = main_part(archive)
    beside = [relation for relation in relations(archive, body) if relation.kind in _BESIDE]
    beside.sort(key=lambda relation: _BESIDE.index(relation.kind))
    # Each once: a part may be related to as often as one likes.
    for part in dict.fromkeys([body, *(relation.part for relation in beside if relation.part in archive.names)]):
        if not prose.full:
            with archive.part(part) as chunks:
                read_xml(chunks, TextReader(_WORDS, prose))
            prose.line()
    prose.end()
    return core_properties(archive)
