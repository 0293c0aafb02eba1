"""Several parts of a file as one body, `multipart/byteranges` (RFC 9110 §14.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from file_service.downloads.ranges import Span


@dataclass(frozen=True, slots=True)
class Byteranges:
    """What goes around the bytes, so that the length of all is known before one is read.

    `size` and `content_type` are the file's. The `boundary` must be one that nobody who writes files can know.
    """

    END_OF_PART: ClassVar[bytes] = b"\r\n"

    spans: Sequence[Span]
    size: int
    content_type: str
    boundary: str

    @property
    def media_type(self) -> str:
        return f"multipart/byteranges; boundary={self.boundary}"

    @property
    def length(self) -> int:
        parts = sum(len(self.head(span)) + span.length + len(self.END_OF_PART) for span in self.spans)
        return parts + len(self.end)

    def head(self, span: Span) -> bytes:
        lines = (
            f"--{self.boundary}",
            f"Content-Type: {self.content_type}",
            f"Content-Range: {span.content_range(self.size)}",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")

    @property
    def end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode("ascii")
