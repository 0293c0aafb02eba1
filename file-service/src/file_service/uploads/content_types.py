"""Decides which media type an uploaded file is kept under."""

import mimetypes
import re

# RFC 9110 §8.3.1, without quoted parameter values: what is kept is sent back in a header.
_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}(?:\s*;\s*{_NAME}={_NAME})*")
_UNKNOWN = "application/octet-stream"
_LONGEST = 255


def content_type(declared: str | None, filename: str) -> str:
    """The declared type where it says something and is well-formed, else what the name suggests."""
    if declared:
        declared = declared.strip()
        if declared.lower() != _UNKNOWN and len(declared) <= _LONGEST and _MEDIA_TYPE.fullmatch(declared):
            return declared
    return mimetypes.guess_type(filename)[0] or _UNKNOWN
