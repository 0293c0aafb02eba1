"""The texts of a workbook, which its cells name by number: held as Arrow does, in a tenth of the memory."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
from lxml import etree
from openpyxl.xml.constants import SHEET_MAIN_NS

_ITEM = f"{{{SHEET_MAIN_NS}}}si"
_TEXT = f"{{{SHEET_MAIN_NS}}}t"
_PHONETIC = f"{{{SHEET_MAIN_NS}}}rPh"  # how the text is pronounced
_CHUNK = 10_000


class SharedStrings:
    def __init__(self, stream: BinaryIO) -> None:
        texts = _texts(stream)
        chunks = []
        while chunk := list(islice(texts, _CHUNK)):
            chunks.append(pa.array(chunk, pa.large_string()))
        self._texts = pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())

    def __getitem__(self, number: int) -> str:
        return str(self._texts[number].as_py())


def _texts(stream: BinaryIO) -> Iterator[str]:
    for _, item in etree.iterparse(stream, tag=_ITEM, resolve_entities=False):
        texts = (part.text or "" for part in item.iter(_TEXT) if part.getparent().tag != _PHONETIC)
        yield "".join(texts)
        forget(item)


def forget(element: "etree._Element") -> None:
    """It and what stands before it: else the whole file would gather in memory."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]
