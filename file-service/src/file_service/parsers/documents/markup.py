"""Reads XML and HTML from front to back, without ever having the tree: for that, 100 MiB would take a gigabyte.

The parser's limits hold (no network, no entities of the document's own, no attribute of 10 MiB), nesting costs nothing.
"""

from collections.abc import Mapping
from typing import Final, Protocol, TypeAlias

from lxml import etree

from file_service.parsers.contract import Refused

_CHUNK: Final = 64 * 1024

Attributes: TypeAlias = Mapping[str, str]


class Chunks(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Reader:
    """What is made of the elements as they come, whose names are without their namespace; attributes have theirs."""

    done = False  # the rest need not be read

    def begin(self, name: str, attributes: Attributes) -> None: ...

    def finish(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


def read_xml(chunks: Chunks, reader: Reader) -> None:
    """Raises Refused for what is not well-formed, and for a document type: no office format has one, bombs do."""
    parser = etree.XMLParser(target=_Target(reader, refusing_types=True), resolve_entities=False, no_network=True)
    try:
        _feed(parser, chunks, reader)
    except etree.LxmlError as error:
        raise Refused("broken", "The document's XML is not well-formed") from error


def read_html(chunks: Chunks, reader: Reader) -> None:
    """`chunks` are UTF-8, whatever they say themselves. Nearly all can be read, somehow."""
    target = _Target(reader)
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True)
    try:
        _feed(parser, chunks, reader)
    except etree.LxmlError as error:
        if target.begun:  # an empty file is no error
            raise Refused("broken", "The HTML cannot be read") from error


def _feed(parser: etree.XMLParser | etree.HTMLParser, chunks: Chunks, reader: Reader) -> None:
    while not reader.done and (chunk := chunks.read(_CHUNK)):
        parser.feed(chunk)
    if not reader.done:
        parser.close()


class _Target:
    """The parser's side of a reader: https://lxml.de/parsing.html#the-target-parser-interface"""

    def __init__(self, reader: Reader, *, refusing_types: bool = False) -> None:
        self._reader = reader
        self._refusing_types = refusing_types
        self.begun = False

    def start(self, tag: str, attributes: Attributes) -> None:
        self.begun = True
        if not self._reader.done:
            self._reader.begin(tag.rpartition("}")[2], attributes)

    def end(self, tag: str) -> None:
        if not self._reader.done:
            self._reader.finish(tag.rpartition("}")[2])

    def data(self, text: str) -> None:
        if not self._reader.done:
            self._reader.text(text)

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        if self._refusing_types:
            raise Refused("broken", "The document's XML declares a document type, which none does")

    def close(self) -> None: ...
