"""Plain text, in whatever encoding, and Markdown, which is plain text with a title."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from file_service.parsers.contract import Refused, Source
from file_service.parsers.documents.description import Description, line_of
from file_service.parsers.documents.prose import Prose
from file_service.parsers.encoding import encoding_of, labelled_encoding, marked_encoding

_CHUNK: Final = 64 * 1024
_CONTROLS: Final = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\ufffd]")
_TOLERATED: Final = 0.05

_FENCED: Final = re.compile(r"^(```|~~~).*?(^\1|\Z)", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^ {0,3}#{1,6}[ \t]+(\S[^\n]*?)[ \t#]*$|^ {0,3}(\S[^\n]*)\n {0,3}=+[ \t]*$", re.MULTILINE)


def read_plain(source: Source, prose: Prose) -> Description:
    """Refused as unsupported if it is no text but bytes of some other kind."""
    _say(source, prose)
    return Description()


def read_markdown(source: Source, prose: Prose) -> Description:
    """Its title is the first heading (CommonMark) in the first 64 KiB."""
    head = _say(source, prose)
    heading = _HEADING.search(_FENCED.sub("", head.replace("\r\n", "\n")))
    return Description(line_of(heading[1] or heading[2]) if heading else None)


def decoded(file: BinaryIO, label: str | None = None) -> Iterator[str]:
    """The text of `file` in pieces, as it is read, by its mark, by the label that came with it, or by a guess."""
    chunk = file.read(_CHUNK)
    labelled = marked_encoding(chunk) or labelled_encoding(label)
    codec = labelled or encoding_of(chunk, whole=len(chunk) < _CHUNK)
    decoder = codecs.getincrementaldecoder(codec)("replace")
    while chunk:
        yield decoder.decode(chunk)
        chunk = file.read(_CHUNK)
    yield decoder.decode(b"", final=True)


def _say(source: Source, prose: Prose) -> str:
    """The whole text; returns the beginning."""
    head = ""
    with source.open() as file:
        for text in decoded(file):
            if not head:
                _check(text)
                head = text
            prose.say(text)
            if prose.full:
                break
    prose.end()
    return head


def _check(text: str) -> None:
    if len(_CONTROLS.findall(text)) > _TOLERATED * len(text):
        raise Refused("unsupported", "This is neither text nor a document of a kind that can be read")
