"""The physical lines of a text file, a block at a time, in memory that does not grow with the file or with a line."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import BinaryIO

FIELD_LIMIT = 1024 * 1024  # characters
ROW_LIMIT = 4 * 1024 * 1024  # characters, of a line as well
UNDECODABLE = "\udcff"  # stands for bytes that are no characters; no decoder yields it by itself
_BLOCK = 512 * 1024  # bytes
_SHOWN = 200


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return UNDECODABLE, error.end


codecs.register_error("undecodable", _mark)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines with their ends, `first` the number of the first, from 1."""

    first: int
    lines: list[str]
    size: int  # in characters
    suspect: bool  # holds UNDECODABLE

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    def since(self, line: int) -> "Block":
        return replace(self, first=line, lines=self.lines[line - self.first :]) if line > self.first else self


def blocks(stream: BinaryIO, encoding: str, *, whole: bool = True) -> Iterator[Block]:
    """A line ends with LF, CR or CR LF. One that is too long has lost its middle, and no reader of rows accepts it.

    Unless `stream` is the `whole` file, a last line without an end is left out.
    """
    first = 1
    for text in _whole_lines(_texts(stream, encoding), whole=whole):
        lines = lines_of(text)
        if len(text) > ROW_LIMIT:
            lines = [_unacceptable(line) if len(line) > ROW_LIMIT else line for line in lines]
        yield Block(first, lines, len(text), UNDECODABLE in text)
        first += len(lines)


def lines_of(text: str) -> list[str]:
    return StringIO(text, newline="").readlines()


def decoded(data: bytes, encoding: str, *, whole: bool) -> str:
    """Without a byte order mark, and without the character that `data` ends in the middle of unless it is `whole`."""
    text = codecs.getincrementaldecoder(encoding)("undecodable").decode(data, final=whole)
    return text.removeprefix("\ufeff")


def _texts(stream: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("undecodable")
    text = ""
    while not text and (data := stream.read(_BLOCK)):
        text = decoder.decode(data).removeprefix("\ufeff")
    yield text
    while data := stream.read(_BLOCK):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _whole_lines(texts: Iterator[str], *, whole: bool) -> Iterator[str]:
    rest = ""
    for text in texts:
        joined = rest + text
        # A CR at the very end may be the first half of a CR LF.
        cut = max(joined.rfind("\n"), joined.rfind("\r", 0, len(joined) - 1)) + 1
        if cut:
            yield joined[:cut]
        rest = joined[cut:]
        if len(rest) > ROW_LIMIT:
            rest = rest[:ROW_LIMIT] + rest[-1]
    if rest and whole:
        yield rest


def _unacceptable(line: str) -> str:
    return line[:_SHOWN] + "x" * (FIELD_LIMIT + 1) + "\n"
