"""Which parsers have something to say about a file."""

from collections.abc import Mapping, Sequence

_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_SPREADSHEET = f"{_OFFICE}.spreadsheetml.sheet"

_BY_TYPE: Mapping[str, Sequence[str]] = {
    "application/pdf": ("pdf",),
    "text/csv": ("csv", "document"),
    "text/tab-separated-values": ("csv", "document"),
    _SPREADSHEET: ("xlsx", "document"),
    f"{_OFFICE}.wordprocessingml.document": ("document",),
    f"{_OFFICE}.presentationml.presentation": ("document",),
    f"{_ODF}.text": ("document",),
    f"{_ODF}.spreadsheet": ("document",),
    f"{_ODF}.presentation": ("document",),
    "message/rfc822": ("document",),
    "application/xhtml+xml": ("document",),
    "application/json": ("document",),
    "application/xml": ("document",),
    **{f"image/{kind}": ("image",) for kind in ("jpeg", "png", "gif", "webp", "avif", "tiff", "bmp")},
}
# For what says of its type no more than that it is text, an archive, or Excel's: which is what browsers call a CSV.
_BY_EXTENSION: Mapping[str, Sequence[str]] = {
    "csv": ("csv", "document"),
    "tsv": ("csv", "document"),
    "docx": ("document",),
    "eml": ("document",),
    "odt": ("document",),
    "pptx": ("document",),
    "xlsx": ("xlsx", "document"),
}
_VAGUE = {"application/octet-stream", "application/zip", "application/vnd.ms-excel", "text/plain"}


def parsers(content_type: str, filename: str) -> Sequence[str]:
    """Their names. Empty for what nothing can be derived from."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _VAGUE and (by_name := _BY_EXTENSION.get(filename.rpartition(".")[2].lower())):
        return by_name
    return _BY_TYPE.get(kind, ("document",) if kind.startswith("text/") else ())
