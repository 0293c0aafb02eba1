"""Which format a document is in: by its bytes where they say, then by its content type, then by its name."""

from pathlib import PurePosixPath
from typing import Final, Literal, TypeAlias

from file_service.parsers.contract import Refused, Source, Task
from file_service.parsers.documents.archive import Archive
from file_service.parsers.documents.package import main_part

Format: TypeAlias = Literal["docx", "pptx", "xlsx", "odt", "ods", "odp", "zip", "eml", "html", "markdown", "text"]

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DIRECTORY: Final = 16 * 1024  # bytes; an encrypted document's directory has ten entries of 128
_OFFICE: Final = ("application/vnd.openxmlformats-", "application/vnd.oasis.opendocument.", "application/vnd.ms-")

_TYPES: Final[dict[str, Format]] = {
    "message/rfc822": "eml", "text/html": "html", "application/xhtml+xml": "html", "text/markdown": "markdown",
    "text/x-markdown": "markdown",
}  # fmt: skip
_SUFFIXES: Final[dict[str, Format]] = {
    ".eml": "eml", ".html": "html", ".htm": "html", ".xhtml": "html", ".md": "markdown", ".markdown": "markdown",
}  # fmt: skip
_UNTOLD: Final = ("application/octet-stream", "text/plain", "")

_MAIN_PARTS: Final[dict[str, Format]] = {"word": "docx", "ppt": "pptx", "xl": "xlsx"}
_OPEN_DOCUMENTS: Final[dict[str, Format]] = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}


def format_of(source: Source, task: Task) -> Format:
    """`zip` where the archive tells more. Raises Refused for Office's older and its encrypted files."""
    with source.open() as file:
        head = file.read(512)
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_COMPOUND):
        raise _refused(source, head)
    content_type = task.content_type.partition(";")[0].strip().lower()
    if content_type.startswith(_OFFICE):
        raise Refused("broken", "The file is not what its content type says")
    if content_type not in _UNTOLD:
        return _TYPES.get(content_type, "text")
    by_name = _SUFFIXES.get(PurePosixPath(task.filename).suffix.lower())
    return by_name or ("html" if head.lstrip().lower().startswith((b"<!doctype html", b"<html")) else "text")


def format_within(archive: Archive) -> Format:
    """Raises Refused for a zip that is no document."""
    if "mimetype" in archive.names:
        with archive.part("mimetype") as part:
            kind = part.read(100).decode("ascii", "replace").strip()
        said = kind.removeprefix("application/vnd.oasis.opendocument.").removesuffix("-template")
        if said in _OPEN_DOCUMENTS:
            return _OPEN_DOCUMENTS[said]
    elif "[Content_Types].xml" in archive.names:
        folder = main_part(archive).partition("/")[0]
        if folder in _MAIN_PARTS:
            return _MAIN_PARTS[folder]
    raise Refused("unsupported", "This is not a document of a kind that can be read")


def _refused(source: Source, head: bytes) -> Refused:
    """An encrypted document is an entry of a compound file: MS-CFB §2.2 and §2.6, MS-OFFCRYPTO §2.3."""
    sector = 1 << min(int.from_bytes(head[30:32], "little"), 16)
    with source.open() as file:
        file.seek((int.from_bytes(head[48:52], "little") + 1) * sector)
        directory = file.read(_DIRECTORY)
    if "EncryptedPackage".encode("utf-16-le") in directory:
        return Refused("encrypted", "The document can be read only with a password")
    return Refused("unsupported", "Formats of Office before 2007 cannot be read")
