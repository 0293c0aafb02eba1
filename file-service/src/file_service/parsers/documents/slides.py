"""The text of a PPTX (ECMA-376 part 1, §19): a slide is a page, with its notes at the end of it.

Read as XML from front to back, as python-pptx has all parts, pictures too, in memory.
"""

from collections.abc import Iterator
from typing import Final

from file_service.parsers.documents.archive import Archive
from file_service.parsers.documents.description import Description
from file_service.parsers.documents.markup import read_xml
from file_service.parsers.documents.package import Collected, core_properties, main_part, relations
from file_service.parsers.documents.prose import Prose
from file_service.parsers.documents.vocabulary import TextReader, Vocabulary

_WORDS: Final = Vocabulary(
    text=frozenset({"t"}),
    silent=frozenset({"pPr", "Fallback"}),
    lines=frozenset({"p"}),
    rows=frozenset({"tr"}),
    cells=frozenset({"tc"}),
    marks={"br": "\n"},
)


def read_slides(archive: Archive, prose: Prose) -> Description:
    for page, slide in enumerate(_slides(archive), start=1):
        if prose.full:
            break
        prose.turn(page)
        notes = [relation.part for relation in relations(archive, slide) if relation.kind == "notesSlide"]
        for part in [slide, *(part for part in notes[:1] if part in archive.names)]:
            with archive.part(part) as chunks:
                read_xml(chunks, TextReader(_WORDS, prose))
            prose.line()
    prose.end()
    return core_properties(archive)


def _slides(archive: Archive) -> Iterator[str]:
    """In the order in which they are shown, each once."""
    presentation = main_part(archive)
    shown = Collected("sldId")
    with archive.part(presentation) as chunks:
        read_xml(chunks, shown)
    parts = {relation.id: relation.part for relation in relations(archive, presentation) if relation.kind == "slide"}
    ids = (value for each in shown.found for name, value in each.items() if name.endswith("}id"))
    return (part for part in dict.fromkeys(parts.get(each, "") for each in ids) if part in archive.names)
