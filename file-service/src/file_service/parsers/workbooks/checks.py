"""What is looked at before a workbook is given to openpyxl, which trusts it."""

from typing import Final

from file_service.parsers.contract import Refused, Source
from file_service.parsers.documents.archive import MIB, Archive, opened
from file_service.parsers.documents.markup import Attributes, Reader, read_xml

_COMPOUND: Final = bytes.fromhex("d0cf11e0a1b11ae1")  # OLE's container: of old workbooks, and of encrypted ones
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_SHEETS: Final = "xl/worksheets/"
_STRINGS: Final = "xl/sharedStrings.xml"
_STREAMED: Final = 128 * MIB
_HELD: Final = 8 * MIB  # of a part that openpyxl holds in memory, forty times larger than it is


def check_workbook(source: Source) -> None:
    """Refused as encrypted, as a bomb, as an old format, and with a document type, which parsers might follow."""
    _check_container(source)
    with opened(source) as archive:
        for name in archive.names:
            if name.endswith((".xml", ".rels")):
                _check_part(archive, name)


def _check_container(source: Source) -> None:
    with source.open() as file:
        head = file.read(MIB)
        if not head.startswith(_COMPOUND):
            return
        file.seek(max(0, source.size - MIB))
        if _ENCRYPTED in head or _ENCRYPTED in file.read(MIB):
            raise Refused("encrypted", "The workbook is protected by a password")
    raise Refused("unsupported", "The workbook is of the format before XLSX")


def _check_part(archive: Archive, name: str) -> None:
    streamed = name.startswith(_SHEETS) or name == _STRINGS
    if archive.size(name) > (_STREAMED if streamed else _HELD):
        raise Refused("too-large", "The workbook has too many styles, names or words")
    with archive.part(name) as chunks:
        read_xml(chunks, _Beginning())


class _Beginning(Reader):
    """A document type stands before the first element, so the rest need not be read."""

    def begin(self, name: str, attributes: Attributes) -> None:
        self.done = True
