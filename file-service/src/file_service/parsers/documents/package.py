"""What holds a document's parts together, and its core properties (Open Packaging Conventions, ECMA-376 part 2)."""

from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Final

from file_service.parsers.contract import Refused
from file_service.parsers.documents.archive import Archive
from file_service.parsers.documents.description import LONGEST, Description, line_of
from file_service.parsers.documents.markup import Attributes, Reader, read_xml
from file_service.parsers.language_tags import tagged_language

_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Relation:
    """`kind` is the end of its type: `slide`, `officeDocument`. `part` may not be there."""

    id: str
    kind: str
    part: str


class Collected(Reader):
    """The attributes of the elements of one name. Raises Refused for more than 20,000."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.found: list[dict[str, str]] = []

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == self._name:
            self.found.append(dict(attributes))
        if len(self.found) > _MOST:
            raise Refused("too-large", "The document has too many parts")


def relations(archive: Archive, part: str = "") -> list[Relation]:
    """Of `part`, else of the whole package, to other parts of it; none where it has none."""
    folder = dirname(part)
    name = join(folder, "_rels", f"{part[len(folder) :].lstrip('/')}.rels")
    if name not in archive.names:
        return []
    found = Collected("Relationship")
    with archive.part(name) as chunks:
        read_xml(chunks, found)
    return [
        Relation(each.get("Id", ""), each.get("Type", "").rpartition("/")[2], _resolved(folder, each.get("Target", "")))
        for each in found.found
        if each.get("TargetMode") != "External"
    ]


def main_part(archive: Archive) -> str:
    """Raises Refused where there is none."""
    for relation in relations(archive):
        if relation.kind == "officeDocument" and relation.part in archive.names:
            return relation.part
    raise Refused("broken", "The part with the document's contents is missing")


def core_properties(archive: Archive) -> Description:
    """Title and language, as Office has them in a part of its own; empty where that is missing."""
    for relation in relations(archive):
        if relation.kind == "core-properties" and relation.part in archive.names:
            return described(archive, relation.part)
    return Description()


def described(archive: Archive, part: str) -> Description:
    """By Dublin Core's elements, in XML."""
    words = _DublinCore()
    with archive.part(part) as chunks:
        read_xml(chunks, words)
    return Description(line_of(words.said["title"]), tagged_language(words.said["language"]))


class _DublinCore(Reader):
    def __init__(self) -> None:
        self.said = {"title": "", "language": ""}
        self._within = ""

    def begin(self, name: str, attributes: Attributes) -> None:
        self._within = name

    def finish(self, name: str) -> None:
        self._within = ""

    def text(self, text: str) -> None:
        if self._within in self.said and len(self.said[self._within]) < LONGEST:
            self.said[self._within] += text


def _resolved(folder: str, target: str) -> str:
    return normpath(join("/", folder, target)).lstrip("/")
