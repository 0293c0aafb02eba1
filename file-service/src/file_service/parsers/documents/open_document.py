"""The text of an OpenDocument file (ISO/IEC 26300): ODT, ODS with a sheet a page, ODP with a slide a page."""

from typing import Final

from file_service.parsers.contract import Refused
from file_service.parsers.documents.archive import Archive
from file_service.parsers.documents.description import Description
from file_service.parsers.documents.markup import Attributes, Reader, read_xml
from file_service.parsers.documents.package import described
from file_service.parsers.documents.prose import Prose
from file_service.parsers.documents.vocabulary import TextReader, Vocabulary

_PAGES: Final = {"odt": frozenset[str](), "ods": frozenset({"table"}), "odp": frozenset({"page"})}


def read_open_document(archive: Archive, prose: Prose, kind: str) -> Description:
    """`kind` is odt, ods or odp."""
    if "META-INF/manifest.xml" in archive.names:
        with archive.part("META-INF/manifest.xml") as chunks:
            read_xml(chunks, _Manifest())
    with archive.part("content.xml") as chunks:
        read_xml(chunks, TextReader(_words(_PAGES[kind]), prose))
    if kind == "odt" and "styles.xml" in archive.names and not prose.full:
        prose.line()
        with archive.part("styles.xml") as chunks:  # where headers and footers are
            read_xml(chunks, TextReader(_words(frozenset()), prose))
    prose.end()
    return described(archive, "meta.xml") if "meta.xml" in archive.names else Description()


def _words(pages: frozenset[str]) -> Vocabulary:
    return Vocabulary(
        text=frozenset({"p", "h"}),
        silent=frozenset({"tracked-changes"}),
        lines=frozenset({"p", "h"}),
        rows=frozenset({"table-row"}),
        cells=frozenset({"table-cell", "covered-table-cell"}),
        pages=pages,
        marks={"tab": "\t", "line-break": "\n", "s": " "},
        verbatim=frozenset(),
    )


class _Manifest(Reader):
    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "encryption-data":
            raise Refused("encrypted", "The document can be read only with a password")
