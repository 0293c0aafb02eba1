"""Decides what an upload is as soon as its first bytes are there, and whether it is taken."""

from file_service.files.paths import filename
from file_service.resumable.repository import Upload
from file_service.uploads.content_types import SNIFFED_BYTES, TypePolicy, content_type


class Judging:
    def __init__(self, policy: TypePolicy) -> None:
        self._policy = policy

    def is_due(self, upload: Upload, received: int) -> bool:
        """A partial upload is no file: only what it becomes a part of has a type."""
        if upload.content_type is not None or upload.path is None:
            return False
        return received >= SNIFFED_BYTES or received == upload.length

    def judge(self, upload: Upload, head: bytes) -> str:
        """`head` is the first SNIFFED_BYTES, or all if there are fewer. Raises TypeNotAllowed."""
        assert upload.path is not None
        kind = content_type(upload.declared_type, filename(upload.path), head[:SNIFFED_BYTES])
        self._policy.require(kind, head[:SNIFFED_BYTES])
        return kind
