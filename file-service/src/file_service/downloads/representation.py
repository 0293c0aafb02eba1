"""Describes a version of a file in headers, so that a browser can do no harm with it."""

import base64
import re
from dataclasses import dataclass

from file_service.conditions import Validators
from file_service.downloads.content_disposition import attachment, inline
from file_service.files.repository import File
from file_service.files.version_repository import Version
from file_service.http_dates import http_date, to_the_second

# What a browser shows without ever running anything in it. No `+xml`: any of those is a page that may carry scripts.
_SHOWABLE = re.compile(
    r"image/(apng|avif|bmp|gif|heic|heif|jpeg|jxl|png|tiff|vnd\.microsoft\.icon|webp|x-icon)"
    r"|(audio|video)/[a-z0-9._-]+|text/plain|application/pdf"
)
# Opaque origin, no scripts, nothing loaded but what the browser's own viewers need to show the file itself.
_SANDBOX = (
    "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def may_be_shown(content_type: str) -> bool:
    return _SHOWABLE.fullmatch(content_type.partition(";")[0].strip().lower()) is not None


@dataclass(frozen=True, slots=True)
class Representation:
    """`shown` where the client would rather show it than save it; what is not safe to show is saved all the same."""

    file: File
    version: Version
    shown: bool

    @property
    def validators(self) -> Validators:
        # Two versions can come within one second, and a date alone would not tell one from the other.
        return Validators(
            self.version.content.etag, to_the_second(self.version.created_at), date_is_strong=self.version.number == 1
        )

    def freshness(self) -> dict[str, str]:
        """What a 304 says too: of whom a cache may keep it for, by what to ask again, and the name, which may change.

        No answer is used again unasked: a file can be taken away from those who could read it.
        """
        return {
            "Cache-Control": "private, no-cache",
            "Content-Disposition": self._disposition(),
            "ETag": self.validators.etag,
            "Last-Modified": http_date(self.validators.modified_at),
        }

    def headers(self) -> dict[str, str]:
        """Of the whole. The content type is as it was stored: no charset is made up."""
        content = self.version.content
        described = {
            **self.freshness(),
            "Accept-Ranges": "bytes",
            "Content-Length": str(content.size),
            "Content-Type": content.content_type,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Repr-Digest": f"sha-256=:{base64.b64encode(content.sha256).decode()}:",
            "X-Content-Type-Options": "nosniff",
        }
        return described | ({"Content-Security-Policy": _SANDBOX} if self._is_inline else {})

    @property
    def _is_inline(self) -> bool:
        return self.shown and may_be_shown(self.version.content.content_type)

    def _disposition(self) -> str:
        return (inline if self._is_inline else attachment)(self.file.filename)
