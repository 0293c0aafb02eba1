"""Decides what an uploaded file is: by its first bytes, then by what was declared, then by its name."""

import codecs
import mimetypes
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import puremagic

from file_service.uploads.errors import TypeNotAllowed

SNIFFED_BYTES = 4096

# RFC 9110 §8.3.1, without quoted parameter values: what is kept is sent back in a header.
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}(?:[ \t]*;[ \t]*{_NAME}={_NAME})*")
_UNKNOWN = "application/octet-stream"
_TEXT = "text/plain"
_LONGEST = 255

_SURE = 0.3  # of puremagic's confidences: three bytes
# What a browser would run as a page is one, whatever it says it is (after the WHATWG's MIME Sniffing §7.1). Atomic
# groups, so that no file can keep the expressions searching.
_BEFORE = rb"\s*+(?>(?><\?xml.*?\?>|<!--.*?-->|<!doctype svg.*?>)\s*+)*+"
_SVG = re.compile(_BEFORE + rb"<svg[\s>]", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(_BEFORE + rb"<(!doctype html|html|head|body|script|iframe)[\s>]", re.IGNORECASE | re.DOTALL)
_ZIP, _ZIP_TYPE = b"PK\x03\x04", "application/zip"
_OLE = b"\xd0\xcf\x11\xe0"
# Nothing else begins like these, nor like a picture, a sound, a film or a font.
_CERTAIN = {"application/gzip", "application/pdf", _ZIP_TYPE}
_FAMILIES = ("image/", "audio/", "video/", "font/")
_PREFERRED = {"image/pjpeg": "image/jpeg", "application/x-gzip": "application/gzip", "audio/wave": "audio/wav"}


@dataclass(frozen=True, slots=True)
class TypePolicy:
    """Media types, or `image/*`. An empty `allowed` allows all that is not denied."""

    allowed: Sequence[str] = ()
    denied: Sequence[str] = ()

    def require(self, content_type: str, head: bytes) -> None:
        """Of what it is taken for, and of what its bytes certainly are. Raises TypeNotAllowed."""
        kind = _base(content_type)
        for denied in (kind, *filter(_is_certain, _sniffed(head))):
            if _listed(denied, self.denied):
                raise TypeNotAllowed(f"Files of the type {denied} are not taken here")
        if self.allowed and not _listed(kind, self.allowed):
            raise TypeNotAllowed(f"Files of the type {kind} are not taken here")


def declared_type(header: str | None) -> str | None:
    """What the client said, if it is well-formed and says anything."""
    declared = (header or "").strip()
    if len(declared) > _LONGEST or not _MEDIA_TYPE.fullmatch(declared) or _base(declared) == _UNKNOWN:
        return None
    return declared


def content_type(declared: str | None, filename: str, head: bytes) -> str:
    """`head` is the first SNIFFED_BYTES of the file, or all of it if it is shorter."""
    head = _in_utf8(head)
    if _SVG.match(head):
        return "image/svg+xml"
    if _PAGE.match(head):
        return "text/html"
    claimed = declared or mimetypes.guess_type(filename)[0]
    found = _sniffed(head)
    if claimed is not None and b"\0" in head and claimed.lower().startswith("text/"):
        claimed = None
    if claimed is not None and _can_be(_base(claimed), found):
        return claimed
    return next(iter(found), None) or (_TEXT if _is_text(head) else _UNKNOWN)


def _is_certain(found: str) -> bool:
    return found.startswith(_FAMILIES) or found in _CERTAIN


def _in_utf8(head: bytes) -> bytes:
    """Text with a byte order mark as a browser would read it."""
    if head.startswith(codecs.BOM_UTF8):
        return head.removeprefix(codecs.BOM_UTF8)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace").encode("utf-8", "replace")
    return head


def _can_be(kind: str, found: Collection[str]) -> bool:
    if kind in found:
        return True
    if any(_is_certain(one) and one != _ZIP_TYPE for one in found):
        return False
    # Many an application's format is a zip archive, of which nobody can know all.
    return _ZIP_TYPE not in found or kind.startswith("application/")


def _sniffed(head: bytes) -> dict[str, None]:
    """What it may be, the likeliest first."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return {}
    kinds = [
        _PREFERRED.get(one.mime_type, one.mime_type) for one in matches if one.mime_type and one.confidence >= _SURE
    ]
    if head.startswith(_ZIP):
        kinds.insert(0, _ZIP_TYPE)  # Office files are archives too, and only what was declared tells which
    elif head.startswith(_OLE):
        kinds.insert(0, _UNKNOWN)
    elif _is_text(head):
        kinds = [kind for kind in kinds if kind == "application/pdf" or kind.startswith("image/")]
    return dict.fromkeys(kinds)


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character that the end of the head cuts in two
    return True


def _base(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _listed(kind: str, patterns: Sequence[str]) -> bool:
    return any(kind == one or (one.endswith("/*") and kind.startswith(one.removesuffix("*"))) for one in patterns)
